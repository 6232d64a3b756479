/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.base;

/**
 * The environment does not allow the program to go on: a missing capability, kernel feature, file or port. The message
 * names what is missing and ends with the remedy; the program ends with {@link #exitCode()}. Not for bugs ({@link
 * Check}), nor for what is expected in operation (a return code and a counter).
 */
public final class Fatal extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final ExitCode exitCode;

    public Fatal(ExitCode exitCode, String message) {
        super(message);
        this.exitCode = exitCode;
    }

    public Fatal(ExitCode exitCode, String message, Throwable cause) {
        super(message, cause);
        this.exitCode = exitCode;
    }

    public ExitCode exitCode() {
        return exitCode;
    }
}
