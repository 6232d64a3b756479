/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.doctor;

import java.util.OptionalLong;

/** Settings of the kernel, by their paths below {@code /proc/sys}: read as numbers, and set by a command. */
final class Sysctls {
    private static final String FILE = "/etc/sysctl.d/90-twinwall.conf";

    private Sysctls() {}

    /** Nothing where the kernel has no such setting. */
    static OptionalLong number(Host host, String path) throws Unanswered {
        String text = host.sysctl(path).orElse("");
        if (text.isEmpty()) {
            return OptionalLong.empty();
        }
        try {
            return OptionalLong.of(Long.parseLong(text.strip()));
        } catch (NumberFormatException e) {
            throw new Unanswered(key(path) + " is no number: " + text, e);
        }
    }

    /** What counts on an interface where the greater of its own setting and that of all does. */
    static OptionalLong greater(Host host, String family, String interfaceName, String name) throws Unanswered {
        OptionalLong own = number(host, "net/" + family + "/conf/" + interfaceName + "/" + name);
        OptionalLong all = number(host, "net/" + family + "/conf/all/" + name);
        return own.isPresent() && all.isPresent()
                ? OptionalLong.of(Math.max(own.getAsLong(), all.getAsLong()))
                : OptionalLong.empty();
    }

    /** With dots, as people know it; where a name in it has dots itself, with slashes, which sysctl(8) takes too. */
    static String key(String path) {
        return path.indexOf('.') < 0 ? path.replace('/', '.') : path;
    }

    /** Sets it now and at each boot. */
    static Remedy set(String path, long value) {
        String key = key(path);
        return Remedy.run("sysctl -w " + key + "=" + value).keeping("echo '" + key + " = " + value + "' >> " + FILE);
    }

    /** As {@link #set} for what there is only once conntrack is loaded, which at boot may be later than the settings. */
    static Remedy setOfConntrack(String path, long value) {
        return set(path, value).keeping(Shell.moduleAtBoot("nf_conntrack"));
    }
}
