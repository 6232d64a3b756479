/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import org.agrona.DirectBuffer;

/** Where every change of a flow is written down. On the sync agent's thread, which must not wait. */
public interface DeltaSink {
    /**
     * Takes {@code length} bytes from the begin of {@code buffer}, valid in the call only; false when there is no room
     * for them.
     */
    boolean offer(DirectBuffer buffer, int length);

    /** Whether there is so much room that what can wait may come now. */
    boolean hasRoom();

    /** True once after what was offered before may be lost: all that is known is to be written anew. */
    boolean takeRestart();

    /** After so many bytes of changes all is to be written anew, too: the oldest are thrown away. */
    long snapshotBytes();
}
