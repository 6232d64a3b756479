/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.journal;

import java.io.IOException;
import java.util.List;

/** Documents in the order in which they were written. */
@FunctionalInterface
interface RecordSource {
    /** Hears of each document; false ends it. */
    @FunctionalInterface
    interface Visitor {
        boolean document(byte[] document);
    }

    void read(Visitor visitor) throws IOException;

    /** Several of them. */
    @FunctionalInterface
    interface All {
        /** As they are now, that with the newest documents first. */
        List<RecordSource> newestFirst() throws IOException;
    }
}
