/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.base;

/** A broken invariant of our own code. Never caught except to end the process, or a part that it works without; see {@link Check}. */
public final class BugError extends Error {
    private static final long serialVersionUID = 1L;

    public BugError(String message) {
        super(message);
    }

    public BugError(String message, Throwable cause) {
        super(message, cause);
    }
}
