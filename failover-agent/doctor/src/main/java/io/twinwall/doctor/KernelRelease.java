/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.doctor;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The first two numbers of a kernel's release. */
record KernelRelease(int major, int minor) {
    private static final Pattern SHAPE = Pattern.compile("(\\d{1,4})\\.(\\d{1,4}).*");

    static KernelRelease of(Host host) throws Unanswered {
        String text = host.kernelRelease();
        Matcher shape = SHAPE.matcher(text);
        if (!shape.matches()) {
            throw new Unanswered("The kernel's release is not understood: " + text);
        }
        return new KernelRelease(Integer.parseInt(shape.group(1)), Integer.parseInt(shape.group(2)));
    }

    boolean before(int otherMajor, int otherMinor) {
        return major < otherMajor || (major == otherMajor && minor < otherMinor);
    }

    @Override
    public String toString() {
        return major + "." + minor;
    }
}
