/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.netlink;

import static io.twinwall.netlink.CtConst.*;

import io.twinwall.linux.Errno;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.agrona.concurrent.UnsafeBuffer;

/** The conntrack table of {@link ScriptedKernel}: entries as their attributes' bytes, under their original tuple. */
final class ScriptedConntrack {
    /** Kept from a request at creation and at a change; what is missing here the real kernel ignores or refuses. */
    private static final int[] CHANGEABLE = {
        CTA_TIMEOUT, CTA_MARK, CTA_PROTOINFO, CTA_LABELS, CTA_SEQ_ADJ_ORIG, CTA_SEQ_ADJ_REPLY, CTA_SYNPROXY
    };

    private static final int[] AT_CREATION = {CTA_TUPLE_ORIG, CTA_TUPLE_REPLY, CTA_TUPLE_MASTER, CTA_ZONE, CTA_HELP};

    private final Map<ByteBuffer, Entry> entries = new LinkedHashMap<>();
    private final ScriptedKernel kernel;
    private final CtFlyweight ct = new CtFlyweight();
    private final UnsafeBuffer scratch = new UnsafeBuffer(new byte[8 * 1024]);
    private final NlWriter writer = new NlWriter().wrap(scratch, 0, scratch.capacity());
    private int nextId = 1;
    private int max = Integer.MAX_VALUE;

    /** One entry: attribute (with its header) by type, and the status by itself. */
    private static final class Entry {
        private final Map<Integer, byte[]> attributes = new TreeMap<>();
        private int family;
        private int status;
        private int id;
    }

    ScriptedConntrack(ScriptedKernel kernel) {
        this.kernel = kernel;
    }

    int size() {
        return entries.size();
    }

    void max(int entriesMax) {
        max = entriesMax;
    }

    /** Does what {@code request} says; returns the errno. */
    int perform(NlReader request, int portId) {
        boolean named = ct.wrap(request.buffer(), request.offset(), request.length());
        if (!named && ct.reason() != CtReason.NO_ORIG_TUPLE && ct.reason() != CtReason.UNKNOWN_FAMILY) {
            return Errno.EINVAL;
        }
        return switch (ct.type()) {
            case IPCTNL_MSG_CT_NEW -> named ? upsert(request, portId) : Errno.EINVAL;
            case IPCTNL_MSG_CT_DELETE -> named ? delete(portId) : flush(portId);
            case IPCTNL_MSG_CT_GET -> named ? get(request, portId) : dump(request, portId);
            default -> Errno.EOPNOTSUPP;
        };
    }

    private int upsert(NlReader request, int portId) {
        Entry existing = entries.get(key());
        boolean create = (request.flags() & NlConst.NLM_F_CREATE) != 0;
        if (existing == null) {
            return create ? create(request, portId) : Errno.ENOENT;
        }
        if ((request.flags() & NlConst.NLM_F_EXCL) != 0) {
            return Errno.EEXIST;
        }
        if (ct.has(CtFlyweight.HAS_NAT_SRC) || ct.has(CtFlyweight.HAS_NAT_DST) || ct.has(CtFlyweight.HAS_MASTER)) {
            return Errno.EOPNOTSUPP;
        }
        int refused = changeStatus(existing);
        if (refused != 0) {
            return refused;
        }
        keep(existing, request, CHANGEABLE);
        event(existing, portId, NlConst.NFNLGRP_CONNTRACK_UPDATE, IPCTNL_MSG_CT_NEW, 0);
        return 0;
    }

    private int create(NlReader request, int portId) {
        if (!ct.has(CtFlyweight.HAS_REPLY | CtFlyweight.HAS_TIMEOUT)) {
            return Errno.EINVAL;
        }
        if (entries.size() >= max) {
            return Errno.ENOMEM;
        }
        Entry entry = new Entry();
        entry.family = ct.family();
        entry.status = IPS_CONFIRMED;
        int refused = changeStatus(entry);
        if (refused != 0) {
            return refused;
        }
        keep(entry, request, AT_CREATION);
        keep(entry, request, CHANGEABLE);
        if (ct.has(CtFlyweight.HAS_MASTER)) {
            if (!entries.containsKey(masterKey())) {
                return Errno.ENOENT;
            }
            entry.status |= IPS_EXPECTED;
        }
        translate(entry);
        for (Entry other : entries.values()) {
            if (sameReply(entry, other)) {
                return Errno.EEXIST;
            }
        }
        entry.id = nextId++;
        entries.put(key(), entry);
        int created = NlConst.NLM_F_CREATE | NlConst.NLM_F_EXCL;
        event(entry, portId, NlConst.NFNLGRP_CONNTRACK_NEW, IPCTNL_MSG_CT_NEW, created);
        return 0;
    }

    private int changeStatus(Entry entry) {
        if (!ct.has(CtFlyweight.HAS_STATUS)) {
            return 0;
        }
        int differing = (entry.status & ~IPS_EXPECTED) ^ ct.status();
        int cleared = entry.status & ~ct.status();
        if ((differing & (IPS_EXPECTED | IPS_CONFIRMED | IPS_DYING)) != 0
                || (cleared & (IPS_SEEN_REPLY | IPS_ASSURED)) != 0) {
            return Errno.EBUSY;
        }
        entry.status |= ct.status() & (IPS_SEEN_REPLY | IPS_ASSURED | IPS_FIXED_TIMEOUT | IPS_HELPER);
        return 0;
    }

    /** Turns the plain-inverse reply tuple by the translation asked for, as the NAT code does. */
    private void translate(Entry entry) {
        CtTuple reply = ct.reply();
        int src = reply.srcOffset();
        int dst = reply.dstOffset();
        int a = reply.a();
        int b = reply.b();
        if (ct.has(CtFlyweight.HAS_NAT_DST)) {
            src = ct.natDst().minOffset() == CtNatRange.NONE ? src : ct.natDst().minOffset();
            a = ct.natDst().portMin() == CtNatRange.NONE ? a : ct.natDst().portMin();
            entry.status |= IPS_DST_NAT;
        }
        if (ct.has(CtFlyweight.HAS_NAT_SRC)) {
            dst = ct.natSrc().minOffset() == CtNatRange.NONE ? dst : ct.natSrc().minOffset();
            b = ct.natSrc().portMin() == CtNatRange.NONE ? b : ct.natSrc().portMin();
            entry.status |= IPS_SRC_NAT;
        }
        if ((entry.status & (IPS_SRC_NAT | IPS_DST_NAT)) != 0) {
            entry.status |= IPS_SRC_NAT_DONE | IPS_DST_NAT_DONE;
            CtEncoder encoder = new CtEncoder().wrap(scratch, 0, scratch.capacity());
            encoder.begin(IPCTNL_MSG_CT_NEW, 0, 0, ct.family());
            int at = encoder.position();
            encoder.tuple(
                    CTA_TUPLE_REPLY,
                    ct.family(),
                    ct.buffer(),
                    src,
                    ct.buffer(),
                    dst,
                    reply.proto(),
                    a,
                    b,
                    reply.zone());
            byte[] attribute = new byte[encoder.position() - at];
            scratch.getBytes(at, attribute);
            entry.attributes.put(CTA_TUPLE_REPLY, attribute);
        }
    }

    private static boolean sameReply(Entry one, Entry other) {
        return one.family == other.family
                && Arrays.equals(one.attributes.get(CTA_TUPLE_REPLY), other.attributes.get(CTA_TUPLE_REPLY))
                && Arrays.equals(one.attributes.get(CTA_ZONE), other.attributes.get(CTA_ZONE));
    }

    private int delete(int portId) {
        ByteBuffer key = key();
        Entry entry = entries.get(key);
        if (entry == null || (ct.has(CtFlyweight.HAS_ID) && ct.id() != entry.id)) {
            return Errno.ENOENT;
        }
        entries.remove(key);
        destroyed(entry, portId);
        return 0;
    }

    private int flush(int portId) {
        int family = ct.reason() == CtReason.UNKNOWN_FAMILY ? NlConst.AF_UNSPEC : ct.family();
        for (Map.Entry<ByteBuffer, Entry> each : new ArrayList<>(entries.entrySet())) {
            if (family == NlConst.AF_UNSPEC || each.getValue().family == family) {
                entries.remove(each.getKey());
                destroyed(each.getValue(), portId);
            }
        }
        return 0;
    }

    private int get(NlReader request, int portId) {
        Entry entry = entries.get(key());
        if (entry == null) {
            return Errno.ENOENT;
        }
        write(entry, IPCTNL_MSG_CT_NEW, 0, request.seq());
        kernel.unicast(portId, writer);
        return 0;
    }

    private int dump(NlReader request, int portId) {
        int family = ct.reason() == CtReason.UNKNOWN_FAMILY ? NlConst.AF_UNSPEC : ct.family();
        for (Entry entry : entries.values()) {
            if (family == NlConst.AF_UNSPEC || entry.family == family) {
                write(entry, IPCTNL_MSG_CT_NEW, NlConst.NLM_F_MULTI, request.seq());
                kernel.unicast(portId, writer);
            }
        }
        kernel.done(request, portId);
        return 0;
    }

    private void destroyed(Entry entry, int portId) {
        entry.status |= IPS_DYING;
        event(entry, portId, NlConst.NFNLGRP_CONNTRACK_DESTROY, IPCTNL_MSG_CT_DELETE, 0);
    }

    private void event(Entry entry, int portId, int group, int type, int flags) {
        write(entry, type, flags, 0);
        kernel.multicast(NlConst.NETLINK_NETFILTER, group, portId, writer);
    }

    private void write(Entry entry, int type, int flags, int seq) {
        writer.wrap(scratch, 0, scratch.capacity());
        writer.beginNf(CTNETLINK + type, flags, seq, entry.family, 0);
        entry.attributes.values().forEach(bytes -> scratch.putBytes(writer.header(bytes.length), bytes));
        writer.putU32be(CTA_STATUS, entry.status).putU32be(CTA_ID, entry.id);
        writer.end();
    }

    private static void keep(Entry entry, NlReader request, int... types) {
        NlAttrs attrs = new NlAttrs().wrap(request, NlConst.NFGENMSG_BYTES);
        while (attrs.next()) {
            for (int type : types) {
                if (attrs.type() == type) {
                    byte[] attribute = new byte[NlConst.NLA_HDRLEN + attrs.valueLength()];
                    attrs.buffer().getBytes(attrs.valueOffset() - NlConst.NLA_HDRLEN, attribute);
                    entry.attributes.put(type, attribute);
                }
            }
        }
    }

    private ByteBuffer key() {
        return key(ct.orig());
    }

    /** A master is looked for in the zone of its child. */
    private ByteBuffer masterKey() {
        return key(ct.master());
    }

    private ByteBuffer key(CtTuple tuple) {
        int bytes = tuple.addressBytes();
        ByteBuffer key = ByteBuffer.allocate(2 * bytes + 16);
        ct.buffer().getBytes(tuple.srcOffset(), key, bytes);
        ct.buffer().getBytes(tuple.dstOffset(), key, bytes);
        key.putInt(tuple.proto()).putShort((short) tuple.a()).putShort((short) tuple.b());
        key.putShort((short) ct.zone()).putShort((short) tuple.zone()).putInt(ct.family());
        return key.flip();
    }
}
