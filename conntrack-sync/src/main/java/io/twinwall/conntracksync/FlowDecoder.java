/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import io.twinwall.flowtable.FlowImage;
import io.twinwall.wire.FlowCountersDecoder;
import io.twinwall.wire.HelperDecoder;
import io.twinwall.wire.LabelsDecoder;
import io.twinwall.wire.MarkDecoder;
import io.twinwall.wire.Master4Decoder;
import io.twinwall.wire.Master6Decoder;
import io.twinwall.wire.Parts;
import io.twinwall.wire.Reply4Decoder;
import io.twinwall.wire.Reply6Decoder;
import io.twinwall.wire.SctpDecoder;
import io.twinwall.wire.SecctxDecoder;
import io.twinwall.wire.SeqAdjDecoder;
import io.twinwall.wire.StartDecoder;
import io.twinwall.wire.SynproxyDecoder;
import io.twinwall.wire.TcpDecoder;
import io.twinwall.wire.ZoneDecoder;
import java.nio.ByteOrder;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** Reads the parts that {@link FlowEncoder} wrote into an image whose key is already set. Allocates nothing. */
final class FlowDecoder {
    private final Reply4Decoder reply4 = new Reply4Decoder();
    private final Reply6Decoder reply6 = new Reply6Decoder();
    private final TcpDecoder tcp = new TcpDecoder();
    private final SctpDecoder sctp = new SctpDecoder();
    private final MarkDecoder mark = new MarkDecoder();
    private final ZoneDecoder zone = new ZoneDecoder();
    private final Master4Decoder master4 = new Master4Decoder();
    private final Master6Decoder master6 = new Master6Decoder();
    private final SeqAdjDecoder seqAdj = new SeqAdjDecoder();
    private final SynproxyDecoder synproxy = new SynproxyDecoder();
    private final FlowCountersDecoder counters = new FlowCountersDecoder();
    private final StartDecoder start = new StartDecoder();
    private final UnsafeBuffer addresses = new UnsafeBuffer(new byte[32]);

    private DirectBuffer buffer;
    private int position;

    /** Puts two IPv4 addresses, given as numbers, into the scratch from which images take their tuples. */
    DirectBuffer addresses4(long src, long dst) {
        addresses.putInt(0, (int) src, ByteOrder.BIG_ENDIAN);
        addresses.putInt(16, (int) dst, ByteOrder.BIG_ENDIAN);
        return addresses;
    }

    /**
     * Reads the parts named by {@code present} from {@code length} bytes at {@code offset}.
     *
     * @return false when the bytes end before the parts do; the image is then not to be used
     */
    boolean decode(FlowImage image, int present, DirectBuffer source, int offset, int length) {
        buffer = source;
        position = offset;
        boolean ipv4 = image.family() == FlowImage.AF_INET;
        if (!Parts.fits(present, !ipv4, length)) {
            return false;
        }
        if ((present & Parts.REPLY) == 0) {
            Inverse.setPlain(image);
        } else if (ipv4) {
            reply4(image);
        } else {
            reply6(image);
        }
        common(image, present);
        if ((present & Parts.MASTER) != 0) {
            if (ipv4) {
                master4(image);
            } else {
                master6(image);
            }
        }
        rare(image, present);
        metadata(image, present);
        return true;
    }

    private void reply4(FlowImage image) {
        int at = take(Reply4Decoder.ENCODED_LENGTH);
        reply4.wrap(buffer, at);
        image.reply(addresses4(reply4.src(), reply4.dst()), 0, 16, reply4.sport(), reply4.dport());
    }

    private void reply6(FlowImage image) {
        int at = take(Reply6Decoder.ENCODED_LENGTH);
        reply6.wrap(buffer, at);
        image.reply(
                buffer,
                at + Reply6Decoder.srcEncodingOffset(),
                at + Reply6Decoder.dstEncodingOffset(),
                reply6.sport(),
                reply6.dport());
    }

    private void common(FlowImage image, int present) {
        if ((present & Parts.TCP) != 0) {
            int at = take(TcpDecoder.ENCODED_LENGTH);
            tcp.wrap(buffer, at);
            image.tcp(tcp.state(), tcp.wscaleOrig(), tcp.wscaleReply(), tcp.flagsOrig(), tcp.flagsReply());
        }
        if ((present & Parts.SCTP) != 0) {
            int at = take(SctpDecoder.ENCODED_LENGTH);
            sctp.wrap(buffer, at);
            image.sctp(sctp.state(), (int) sctp.vtagOrig(), (int) sctp.vtagReply());
        }
        if ((present & Parts.MARK) != 0) {
            int at = take(MarkDecoder.ENCODED_LENGTH);
            image.mark((int) mark.wrap(buffer, at).mark());
        }
        if ((present & Parts.LABELS) != 0) {
            int at = take(LabelsDecoder.ENCODED_LENGTH);
            image.labels(buffer, at, FlowImage.LABELS_BYTES);
        }
        if ((present & Parts.ZONE) != 0) {
            int at = take(ZoneDecoder.ENCODED_LENGTH);
            zone.wrap(buffer, at);
            int dir = zone.dir() & FlowImage.ZONE_DIR_BOTH;
            if (dir != 0) {
                image.zone((dir & FlowImage.ZONE_DIR_ORIG) != 0 ? zone.orig() : zone.reply(), dir);
            }
        }
    }

    private void master4(FlowImage image) {
        int at = take(Master4Decoder.ENCODED_LENGTH);
        master4.wrap(buffer, at);
        image.master(
                addresses4(master4.src(), master4.dst()), 0, 16, master4.sport(), master4.dport(), master4.proto());
    }

    private void master6(FlowImage image) {
        int at = take(Master6Decoder.ENCODED_LENGTH);
        master6.wrap(buffer, at);
        image.master(
                buffer,
                at + Master6Decoder.srcEncodingOffset(),
                at + Master6Decoder.dstEncodingOffset(),
                master6.sport(),
                master6.dport(),
                master6.proto());
    }

    private void rare(FlowImage image, int present) {
        if ((present & Parts.SEQADJ) != 0) {
            int at = take(SeqAdjDecoder.ENCODED_LENGTH);
            seqAdj.wrap(buffer, at);
            // Both directions share a part; one of zeros was absent.
            if ((seqAdj.origPos() | seqAdj.origBefore() | seqAdj.origAfter()) != 0) {
                image.seqAdjOrig((int) seqAdj.origPos(), (int) seqAdj.origBefore(), (int) seqAdj.origAfter());
            }
            if ((seqAdj.replyPos() | seqAdj.replyBefore() | seqAdj.replyAfter()) != 0) {
                image.seqAdjReply((int) seqAdj.replyPos(), (int) seqAdj.replyBefore(), (int) seqAdj.replyAfter());
            }
        }
        if ((present & Parts.SYNPROXY) != 0) {
            int at = take(SynproxyDecoder.ENCODED_LENGTH);
            synproxy.wrap(buffer, at);
            image.synproxy((int) synproxy.isn(), (int) synproxy.its(), (int) synproxy.tsoff());
        }
        if ((present & Parts.HELPER) != 0) {
            int at = take(HelperDecoder.ENCODED_LENGTH);
            image.helper(buffer, at, textLength(at, FlowImage.HELPER_BYTES));
        }
    }

    private void metadata(FlowImage image, int present) {
        if ((present & Parts.COUNTERS) != 0) {
            int at = take(FlowCountersDecoder.ENCODED_LENGTH);
            counters.wrap(buffer, at);
            image.countersOrig(counters.origPackets(), counters.origBytes());
            image.countersReply(counters.replyPackets(), counters.replyBytes());
        }
        if ((present & Parts.START) != 0) {
            int at = take(StartDecoder.ENCODED_LENGTH);
            image.startNs(start.wrap(buffer, at).startNs());
        }
        if ((present & Parts.SECCTX) != 0) {
            int at = take(SecctxDecoder.ENCODED_LENGTH);
            image.secctx(buffer, at, textLength(at, FlowImage.SECCTX_BYTES));
        }
    }

    /** Length of the text that zeros fill up to {@code bytesMax}. */
    private int textLength(int at, int bytesMax) {
        int length = 0;
        while (length < bytesMax && buffer.getByte(at + length) != 0) {
            length++;
        }
        return length;
    }

    /** Offset of the next {@code bytes}; that they are there was checked for all parts at once. */
    private int take(int bytes) {
        int at = position;
        position += bytes;
        return at;
    }
}
