/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.nftbridge;

import io.twinwall.linux.Errno;
import io.twinwall.netlink.NftConst;
import io.twinwall.netlink.NlAttrs;
import io.twinwall.netlink.NlConst;
import io.twinwall.netlink.NlReader;
import io.twinwall.netlink.NlSocket;
import java.util.List;
import org.agrona.DirectBuffer;

/**
 * Hears of transactions of others that touch a table with a mirrored set, and says only <em>look</em>. What packets put into a
 * set makes no such noise. A loss counts as one. One thread.
 */
final class SetWatch implements AutoCloseable {
    private static final int RECEIVE_BUFFER_BYTES = 1 << 20;

    /** Of a table, a chain, a rule, a set and a list of elements alike. */
    private static final int NFTA_ANY_TABLE = 1;

    private final NlSocket socket;
    private final NlReader reader = new NlReader();
    private final NlAttrs attrs = new NlAttrs();
    private final List<SetName> names;
    private final int ownPortId;
    private boolean touched;

    SetWatch(List<SetName> names, int ownPortId) {
        this.names = names;
        this.ownPortId = ownPortId;
        socket = NlSocket.open(NlConst.NETLINK_NETFILTER, 32, 8 * 1024);
        socket.setReceiveBuffer(RECEIVE_BUFFER_BYTES);
        int joined = socket.join(NlConst.NFNLGRP_NFTABLES);
        if (joined < 0) {
            socket.close();
            throw Errno.fatal("join NFNLGRP_NFTABLES", joined, "CAP_NET_ADMIN");
        }
    }

    /** Reads what has come, and does not wait. True when the sets are to be looked at. */
    boolean poll() {
        touched = false;
        int received = socket.poll(this::onDatagram);
        while (received != 0) {
            touched |= received < 0;
            if (received < 0 && received != -Errno.ENOBUFS && received != -Errno.EMSGSIZE) {
                break;
            }
            received = socket.poll(this::onDatagram);
        }
        return touched;
    }

    @Override
    public void close() {
        socket.close();
    }

    private void onDatagram(DirectBuffer datagram, int offset, int length) {
        reader.wrap(datagram, offset, length);
        while (reader.next()) {
            boolean generation = reader.type() == NftConst.type(NftConst.NFT_MSG_NEWGEN);
            if (generation || reader.portId() == ownPortId || reader.payloadLength() < NlConst.NFGENMSG_BYTES) {
                continue;
            }
            attrs.wrap(reader, NlConst.NFGENMSG_BYTES);
            while (attrs.next()) {
                if (attrs.type() == NFTA_ANY_TABLE) {
                    touched |= SetName.anyIn(names, attrs.string());
                    break;
                }
            }
        }
    }
}
