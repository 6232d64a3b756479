/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.journal;

import java.util.List;

/**
 * Some records, in order.
 *
 * @param more there are older ones that were asked for, too
 */
public record JournalPage(List<JournalEntry> entries, boolean more) {
    public JournalPage {
        entries = List.copyOf(entries);
    }

    /** As JSON: {@code {"records":[...],"more":false}}. */
    public String json() {
        StringBuilder text = new StringBuilder("{\"records\":[");
        for (JournalEntry entry : entries) {
            if (text.charAt(text.length() - 1) != '[') {
                text.append(',');
            }
            entry.appendTo(text);
        }
        return text.append("],\"more\":").append(more).append('}').toString();
    }
}
