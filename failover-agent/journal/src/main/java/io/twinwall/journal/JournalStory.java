/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.journal;

import java.util.List;

/** A record, and those written shortly before and after it, itself among them. */
public record JournalStory(JournalEntry entry, List<JournalEntry> around) {
    public JournalStory {
        around = List.copyOf(around);
    }

    /** As JSON: {@code {"record":{...},"around":[...]}}. */
    public String json() {
        StringBuilder text = new StringBuilder("{\"record\":");
        entry.appendTo(text);
        text.append(",\"around\":[");
        for (int i = 0; i < around.size(); i++) {
            text.append(i == 0 ? "" : ",");
            around.get(i).appendTo(text);
        }
        return text.append("]}").toString();
    }
}
