/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import java.util.Collection;

/**
 * The valid word nearest to a mistaken one, by edit distance (Levenshtein, "Binary codes capable of correcting
 * deletions, insertions and reversals", 1966).
 */
final class ConfigNearest {
    private ConfigNearest() {}

    /** The nearest of {@code valid} within a third of the longer word's length; empty when none is near. */
    static String nearest(String word, Collection<String> valid) {
        String nearest = "";
        int least = Integer.MAX_VALUE;
        for (String candidate : valid) {
            int longest = Math.max(word.length(), candidate.length());
            if (Math.abs(word.length() - candidate.length()) > longest / 2) {
                continue;
            }
            int distance = distance(word, candidate);
            if (distance < least && distance <= Math.max(1, (longest + 1) / 3)) {
                least = distance;
                nearest = candidate;
            }
        }
        return nearest;
    }

    /** Insertions, deletions and replacements of one character that turn {@code a} into {@code b}. */
    static int distance(String a, String b) {
        int[] previous = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            previous[j] = j;
        }
        int[] current = new int[b.length() + 1];
        for (int i = 1; i <= a.length(); i++) {
            current[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replaced = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                current[j] = Math.min(replaced, Math.min(previous[j], current[j - 1]) + 1);
            }
            int[] swap = previous;
            previous = current;
            current = swap;
        }
        return previous[b.length()];
    }
}
