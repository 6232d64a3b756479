/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.wire;

import org.agrona.DirectBuffer;

/** Receives frames from a {@link Link}; the buffer is the link's, to be read only, and valid only during the call. */
@FunctionalInterface
public interface FrameHandler {
    void onFrame(DirectBuffer buffer, int offset, int length);
}
