/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.base;

/** Every exit code of the program. The numbers are those of {@code sysexits.h} where it has one that fits. */
public enum ExitCode {
    /** Done, and the answer is yes. */
    OK(0),
    /** Done, and the answer is no: a survival check failed, a pre-check refused, nothing matched. */
    REFUSED(1),
    /** Done, and the answer is yes for now: something will make it a no on a bad day. */
    WARNED(2),
    /** The command line was wrong ({@code EX_USAGE}). */
    USAGE(64),
    /** A file or message given as input was malformed ({@code EX_DATAERR}). */
    BAD_INPUT(65),
    /** The daemon, or the peer, does not answer ({@code EX_UNAVAILABLE}). */
    UNAVAILABLE(69),
    /** A bug: an always-on check failed ({@code EX_SOFTWARE}). */
    BUG(70),
    /** The kernel lacks a feature or a program is missing ({@code EX_OSERR}). */
    ENVIRONMENT(71),
    /** A capability or file permission is missing ({@code EX_NOPERM}). */
    NO_PERMISSION(77),
    /** The configuration file is wrong; nothing was touched ({@code EX_CONFIG}). */
    CONFIG(78);

    private final int code;

    ExitCode(int code) {
        this.code = code;
    }

    /** The number handed to the operating system, 0..255. */
    public int code() {
        return code;
    }
}
