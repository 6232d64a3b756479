/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.netlink;

import org.agrona.DirectBuffer;

/** Takes received datagrams. Keep one object for the life of the reader: a lambda made per call would allocate. */
@FunctionalInterface
public interface NlDatagramHandler {
    /** One datagram, of one or more messages ({@link NlReader}); the bytes are valid only within this call. */
    void onDatagram(DirectBuffer buffer, int offset, int length);
}
