/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.flowtable;

/** Takes slots one by one. The slot is valid during the call; the table must not be changed from inside it. */
@FunctionalInterface
public interface SlotConsumer {
    void accept(int slot);
}
