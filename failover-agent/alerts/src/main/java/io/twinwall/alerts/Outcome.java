/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.alerts;

/** How an attempt to deliver ended; {@code detail} for a person, without secrets. */
public record Outcome(boolean ok, String detail) {
    public Outcome {
        detail = AlertText.visible(detail);
    }

    public static Outcome delivered(String detail) {
        return new Outcome(true, detail);
    }

    public static Outcome failed(String detail) {
        return new Outcome(false, detail);
    }

    /** What {@code thrown} says, with its causes, each said once. */
    static Outcome failed(Throwable thrown) {
        StringBuilder words = new StringBuilder();
        for (Throwable one = thrown; one != null; one = one.getCause()) {
            String said = one.getMessage() == null ? one.getClass().getSimpleName() : one.getMessage();
            if (words.indexOf(said) < 0) {
                words.append(words.isEmpty() ? "" : ": ").append(said);
            }
        }
        return failed(words.toString());
    }
}
