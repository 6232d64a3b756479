/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.doctor;

/** The host does not answer a question: a permission lacks, or a file cannot be read. The message says what and why. */
public final class Unanswered extends Exception {
    private static final long serialVersionUID = 1L;

    public Unanswered(String message) {
        super(message);
    }

    public Unanswered(String message, Throwable cause) {
        super(message, cause);
    }
}
