/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.netlink;

import io.twinwall.linux.Errno;

/**
 * The kernel refused a request of the control plane. The message has all an operator needs: what was asked, for which
 * key, the error number and the kernel's own words. The data plane never throws it.
 */
public final class NlException extends Exception {
    private static final long serialVersionUID = 1L;

    private final String operation;
    private final String key;
    private final int errno;
    private final String text;

    public NlException(String operation, String key, NlResult result) {
        super(operation + " " + key + ": " + Errno.name(result.errno()) + " (" + Errno.text(result.errno()) + ")"
                + (result.text().isEmpty() ? "" : ", kernel says: " + result.text()));
        this.operation = operation;
        this.key = key;
        this.errno = result.errno();
        this.text = result.text();
    }

    /** What was asked, such as {@code add address}. */
    public String operation() {
        return operation;
    }

    /** What it was asked for, such as an address and its interface. */
    public String key() {
        return key;
    }

    /** Positive errno. */
    public int errno() {
        return errno;
    }

    /** The kernel's own words, or "". */
    public String text() {
        return text;
    }
}
