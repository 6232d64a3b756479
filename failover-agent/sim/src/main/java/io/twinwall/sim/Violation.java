/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.sim;

/** A broken rule, when, and how it showed. The first of a life; the life ends with it. */
public record Violation(Rule rule, long atNs, String text) {
    @Override
    public String toString() {
        return rule + " at " + atNs / 1_000_000 + " ms: " + text;
    }
}
