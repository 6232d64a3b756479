/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.nftbridge;

import io.twinwall.linux.Errno;
import io.twinwall.netlink.NftConst;
import io.twinwall.netlink.NlAttrs;
import io.twinwall.netlink.NlConst;
import io.twinwall.netlink.NlException;
import io.twinwall.netlink.NlReader;
import io.twinwall.netlink.NlSocket;
import io.twinwall.netlink.RtLink;
import io.twinwall.netlink.RtLinks;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.agrona.DirectBuffer;

/**
 * Hears at once when somebody touches the lease's tables or the interfaces they guard: the kernel tells of every
 * nf_tables transaction and every change of a link. It says only <em>look</em>, never what is there: the answer is
 * {@link Lease#present}. So a lost message, and one too many, do no harm.
 *
 * <p>One thread, that of the role agent; its descriptors may be polled with others. Belongs to the network namespace of
 * the thread that opened it.
 */
public final class LeaseWatch implements AutoCloseable {
    /** An operator's ruleset of some thousand rules is told of in as many messages; more are a loss, and a look. */
    private static final int RECEIVE_BUFFER_BYTES = 1 << 20;

    private static final int NFGENMSG_BYTES = 4;

    /** The table's name is the first attribute of a table, a chain, a rule, a set and a list of elements alike. */
    private static final int NFTA_ANY_TABLE = 1;

    private final LeaseConfig config;
    private final NlSocket tables;
    private final NlSocket linkEvents;
    private final RtLinks links;
    private final NlReader reader = new NlReader();
    private final NlAttrs attrs = new NlAttrs();
    /** The guarded interfaces that exist, by index. */
    private final Map<Integer, String> guarded = new HashMap<>();

    private boolean touched;

    private LeaseWatch(LeaseConfig config) {
        this.config = config;
        tables = NlSocket.open(NlConst.NETLINK_NETFILTER, 32, 8 * 1024);
        tables.setReceiveBuffer(RECEIVE_BUFFER_BYTES);
        int joined = tables.join(NlConst.NFNLGRP_NFTABLES);
        if (joined < 0) {
            throw Errno.fatal("join NFNLGRP_NFTABLES", joined, "CAP_NET_ADMIN");
        }
        linkEvents = NlSocket.open(NlConst.NETLINK_ROUTE, 16, 16 * 1024);
        links = new RtLinks(NlSocket.open(NlConst.NETLINK_ROUTE, 8, 32 * 1024), linkEvents);
        listLinks();
    }

    /** Throws {@link io.twinwall.base.Fatal} for a missing capability. */
    public static LeaseWatch open(LeaseConfig config) {
        return new LeaseWatch(config);
    }

    /** Readable when {@link #poll} has something to read. */
    public int[] fds() {
        return new int[] {tables.fd(), linkEvents.fd()};
    }

    /** Reads what has come, and does not wait. True when the tables are to be looked at. */
    public boolean poll() {
        touched = false;
        int received = 1;
        while (received != 0) {
            received = tables.poll(this::onTables);
            // ENOBUFS and EMSGSIZE: something was said and not heard.
            touched |= received < 0;
            if (received < 0 && received != -Errno.ENOBUFS && received != -Errno.EMSGSIZE) {
                break;
            }
        }
        int heard = links.poll(this::onLink);
        if (heard < 0) {
            touched = true;
            // What is still queued is older than the list to come and must not be taken for newer.
            while (heard != 0 && (heard > 0 || heard == -Errno.ENOBUFS || heard == -Errno.EMSGSIZE)) {
                heard = links.poll(this::onLink);
            }
            listLinks();
        }
        return touched;
    }

    /** The guarded interfaces that do not exist now, or no longer by that name: nothing guards VIPs elsewhere. */
    public List<String> missing() {
        return config.devices().stream().filter(d -> !guarded.containsValue(d)).toList();
    }

    @Override
    public void close() {
        tables.close();
        links.close();
    }

    private void listLinks() {
        guarded.clear();
        try {
            links.list().forEach(this::onLink);
        } catch (NlException e) {
            // The next event brings what is missing; until then the interface counts as such.
            touched = true;
        }
    }

    private void onTables(DirectBuffer datagram, int offset, int length) {
        reader.wrap(datagram, offset, length);
        while (reader.next()) {
            if (reader.type() == NftConst.type(NftConst.NFT_MSG_NEWGEN) || reader.payloadLength() < NFGENMSG_BYTES) {
                continue;
            }
            attrs.wrap(reader, NFGENMSG_BYTES);
            while (attrs.next()) {
                if (attrs.type() == NFTA_ANY_TABLE) {
                    touched |= attrs.string().equals(config.table());
                    break;
                }
            }
        }
    }

    private void onLink(RtLink link) {
        boolean ours = !link.gone() && config.devices().contains(link.name());
        String was = ours ? guarded.put(link.ifIndex(), link.name()) : guarded.remove(link.ifIndex());
        touched |= ours ? !link.name().equals(was) : was != null;
    }
}
