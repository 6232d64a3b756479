/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.flowtable;

/**
 * Hears of the flows of a table while they change, on the table's thread, within the call that changes them: it may
 * read the table and must not change it.
 */
public interface TableWatcher {
    /** The flow in {@code slot} began ({@code created}), or its content changed, or whether it is to be replicated. */
    void changed(int slot, boolean created);

    /** The flow in {@code slot} ends; it can still be read, and is as it was. */
    void ending(int slot);
}
