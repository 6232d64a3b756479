/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.nftbridge;

import io.twinwall.netlink.NftElem;
import io.twinwall.netlink.NftSetInfo;
import io.twinwall.wire.MessageHeaderDecoder;
import io.twinwall.wire.MessageHeaderEncoder;
import io.twinwall.wire.SetDigestDecoder;
import io.twinwall.wire.SetDigestEncoder;
import io.twinwall.wire.SetElementsDecoder;
import io.twinwall.wire.SetElementsEncoder;
import io.twinwall.wire.SetRequestDecoder;
import io.twinwall.wire.SetRequestEncoder;
import io.twinwall.wire.SetStateDecoder;
import io.twinwall.wire.SetStateEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Queue;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Between sets and the messages of the schema. What is read has passed the wire's own check of lengths. One thread.
 */
final class SetCodec {
    private static final int COUNT_OPEN = 65534;
    private static final int RUN_BYTES_MAX = 1024;
    private static final int RUN_HEADERS = 4 * 2;
    private static final int PROBLEM_CHARS_MAX = 200;
    private static final byte[] NOTHING = {};

    private final int bytesMax;
    private final UnsafeBuffer buffer;
    private final UnsafeBuffer read = new UnsafeBuffer(0, 0);
    private final MessageHeaderEncoder header = new MessageHeaderEncoder();
    private final MessageHeaderDecoder readHeader = new MessageHeaderDecoder();
    private final SetElementsEncoder elements = new SetElementsEncoder();
    private final SetDigestEncoder digest = new SetDigestEncoder();
    private final SetRequestEncoder request = new SetRequestEncoder();
    private final SetStateEncoder state = new SetStateEncoder();
    private final SetElementsDecoder elementsRead = new SetElementsDecoder();
    private final SetDigestDecoder digestRead = new SetDigestDecoder();
    private final SetRequestDecoder requestRead = new SetRequestDecoder();
    private final SetStateDecoder stateRead = new SetStateDecoder();

    /** Hears what a message says. */
    interface Handler {
        /** An element of {@link SetElementsDecoder}; {@code round} 0: a change, else a piece of the whole. */
        void onElement(long setId, int round, SetChange change, long leftMs);

        void onDigest(long setId, int round, int elements, long digest, NftSetInfo info);

        void onRequest(long setId);

        void onState(long setId, int elements, int differing, String problem);

        /** An element that does not add up. */
        void onMalformed();
    }

    SetCodec(int bytesMax) {
        this.bytesMax = bytesMax;
        buffer = new UnsafeBuffer(new byte[bytesMax]);
    }

    /** Whether a message can carry it. */
    boolean fits(SetEntry entry) {
        return bytes(entry) <= bytesMax - MessageHeaderEncoder.ENCODED_LENGTH - SetElementsEncoder.BLOCK_LENGTH - 4
                && entry.attrs.length <= RUN_BYTES_MAX
                && entry.exprs.length <= RUN_BYTES_MAX;
    }

    private static int bytes(SetEntry entry) {
        return SetElementsEncoder.ElementsEncoder.sbeBlockLength()
                + RUN_HEADERS
                + entry.key.length
                + entry.keyEnd.length
                + entry.attrs.length
                + entry.exprs.length;
    }

    /** As many of {@code from} as fit, which it loses; at least one. */
    byte[] elements(long setId, int round, Queue<SetChange> from, long nowMs) {
        elements.wrapAndApplyHeader(buffer, 0, header).setId(setId).round(round);
        SetElementsEncoder.ElementsEncoder group = elements.elementsCount(COUNT_OPEN);
        SetChange change = from.peek();
        while (change != null && elements.limit() + bytes(change.entry()) <= bytesMax) {
            put(group.next(), change, nowMs);
            from.remove();
            change = from.peek();
        }
        group.resetCountToIndex();
        return copy(elements.limit());
    }

    private static void put(SetElementsEncoder.ElementsEncoder to, SetChange change, long nowMs) {
        SetEntry entry = change.entry();
        boolean gone = change.kind() == SetChange.Kind.REMOVE;
        byte[] attrs = gone ? NOTHING : entry.attrs;
        byte[] exprs = gone ? NOTHING : entry.exprs;
        to.op((short) change.kind().number)
                .stamp(entry.stamp)
                .timeoutMs(entry.timeoutMs)
                .leftMs(entry.leftMs(nowMs))
                .putKey(entry.key, 0, entry.key.length)
                .putKeyEnd(entry.keyEnd, 0, entry.keyEnd.length)
                .putAttrs(attrs, 0, attrs.length)
                .putExprs(exprs, 0, exprs.length);
    }

    byte[] digest(long setId, int round, SetTable table, NftSetInfo info) {
        digest.wrapAndApplyHeader(buffer, 0, header)
                .setId(setId)
                .round(round)
                .elements(table.size())
                .digest(table.digest())
                .keyType(Integer.toUnsignedLong(info.keyType()))
                .keyBytes(info.keyBytes())
                .dataType(Integer.toUnsignedLong(info.dataType()))
                .dataBytes(info.dataBytes())
                .flags(info.flags());
        return copy(digest.limit());
    }

    byte[] request(long setId) {
        request.wrapAndApplyHeader(buffer, 0, header).setId(setId);
        return copy(request.limit());
    }

    byte[] state(long setId, int elementCount, int differing, String problem) {
        byte[] text = problem.substring(0, Math.min(problem.length(), PROBLEM_CHARS_MAX))
                .getBytes(StandardCharsets.US_ASCII);
        state.wrapAndApplyHeader(buffer, 0, header)
                .setId(setId)
                .elements(elementCount)
                .differing(differing)
                .putProblem(text, 0, text.length);
        return copy(state.limit());
    }

    void read(byte[] message, Handler handler) {
        read.wrap(message);
        readHeader.wrap(read, 0);
        int at = MessageHeaderDecoder.ENCODED_LENGTH;
        int block = readHeader.blockLength();
        int version = readHeader.version();
        switch (readHeader.templateId()) {
            case SetElementsDecoder.TEMPLATE_ID -> elements(elementsRead.wrap(read, at, block, version), handler);
            case SetDigestDecoder.TEMPLATE_ID -> {
                SetDigestDecoder d = digestRead.wrap(read, at, block, version);
                NftSetInfo info = new NftSetInfo(
                        (int) d.flags(),
                        (int) d.keyType(),
                        (int) d.keyBytes(),
                        (int) d.dataType(),
                        (int) d.dataBytes(),
                        0);
                handler.onDigest(d.setId(), (int) d.round(), (int) d.elements(), d.digest(), info);
            }
            case SetRequestDecoder.TEMPLATE_ID ->
                handler.onRequest(requestRead.wrap(read, at, block, version).setId());
            case SetStateDecoder.TEMPLATE_ID -> {
                SetStateDecoder s = stateRead.wrap(read, at, block, version);
                byte[] text = new byte[s.problemLength()];
                s.getProblem(text, 0, text.length);
                String problem = new String(text, StandardCharsets.US_ASCII).replaceAll("\\p{Cntrl}", "?");
                handler.onState(s.setId(), (int) s.elements(), (int) s.differing(), problem);
            }
            default -> handler.onMalformed();
        }
    }

    private void elements(SetElementsDecoder message, Handler handler) {
        long setId = message.setId();
        int round = (int) message.round();
        for (SetElementsDecoder.ElementsDecoder one : message.elements()) {
            int op = one.op();
            long stamp = one.stamp();
            long timeoutMs = one.timeoutMs();
            long leftMs = one.leftMs();
            byte[] key = new byte[one.keyLength()];
            one.getKey(key, 0, key.length);
            byte[] keyEnd = new byte[one.keyEndLength()];
            one.getKeyEnd(keyEnd, 0, keyEnd.length);
            byte[] attrs = new byte[one.attrsLength()];
            one.getAttrs(attrs, 0, attrs.length);
            byte[] exprs = new byte[one.exprsLength()];
            one.getExprs(exprs, 0, exprs.length);
            if (!run(attrs) || !run(exprs) || timeoutMs < 0) {
                handler.onMalformed();
                continue;
            }
            SetEntry entry = new SetEntry(key, keyEnd);
            entry.attrs = SetEntry.shared(attrs);
            entry.exprs = SetEntry.shared(exprs);
            entry.timeoutMs = timeoutMs;
            entry.stamp = stamp;
            handler.onElement(setId, round, new SetChange(SetChange.Kind.of(op), entry), leftMs);
        }
    }

    /** They go to the kernel unread: at least they must be what they claim to be. */
    private static boolean run(byte[] attributes) {
        DirectBuffer all = new UnsafeBuffer(attributes);
        return attributes.length % 4 == 0 && NftElem.wellFormed(all, 0, attributes.length);
    }

    private byte[] copy(int length) {
        byte[] message = new byte[length];
        buffer.getBytes(0, message);
        return message;
    }
}
