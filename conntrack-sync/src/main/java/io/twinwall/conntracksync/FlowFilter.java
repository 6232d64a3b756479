/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import io.twinwall.flowtable.FlowImage;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.List;
import org.agrona.MutableDirectBuffer;

/**
 * Which flows are the pair's and which are the node's own. A flow that begins or ends at one of the node's own addresses
 * (not a virtual one), at loopback, a link-local or a multicast address cannot live on the other node and is not held.
 * Immutable; checked for every event, so it holds plain arrays.
 */
public final class FlowFilter {
    /** Holds back only what is never of use elsewhere: loopback, link-local, multicast. */
    public static final FlowFilter NONE_OWN = of(List.of());

    private final int[] own4;
    private final long[] own6;

    private FlowFilter(int[] own4, long[] own6) {
        this.own4 = own4;
        this.own6 = own6;
    }

    /** The filter of a node with these addresses of its own, virtual ones left out. */
    public static FlowFilter of(Collection<InetAddress> own) {
        int[] own4 = own.stream()
                .filter(Inet4Address.class::isInstance)
                .mapToInt(address -> ByteBuffer.wrap(address.getAddress()).getInt())
                .toArray();
        long[] own6 = own.stream()
                .filter(address -> !(address instanceof Inet4Address))
                .map(address -> ByteBuffer.wrap(address.getAddress()))
                .flatMapToLong(bytes -> java.util.stream.LongStream.of(bytes.getLong(0), bytes.getLong(8)))
                .toArray();
        return new FlowFilter(own4, own6);
    }

    /** True when the flow belongs to the pair. */
    boolean accepts(FlowImage image) {
        return image.family() == FlowImage.AF_INET
                ? accepts4(image, image.origSrcOffset())
                        && accepts4(image, image.replySrcOffset())
                        && reachable4(image, image.origDstOffset())
                : accepts6(image, image.origSrcOffset())
                        && accepts6(image, image.replySrcOffset())
                        && reachable6(image, image.origDstOffset());
    }

    /** True when replies go to one of the node's own addresses: it translates the flow to that, and the peer cannot. */
    boolean isAnsweredToOwn(FlowImage image) {
        int offset = image.replyDstOffset();
        return image.family() == FlowImage.AF_INET ? isOwn4(image, offset) : isOwn6(image, offset);
    }

    private boolean accepts4(FlowImage image, int offset) {
        return !isOwn4(image, offset) && reachable4(image, offset);
    }

    private boolean isOwn4(FlowImage image, int offset) {
        int address = image.buffer().getInt(offset, java.nio.ByteOrder.BIG_ENDIAN);
        for (int own : own4) {
            if (own == address) {
                return true;
            }
        }
        return false;
    }

    private static boolean reachable4(FlowImage image, int offset) {
        int first = image.buffer().getByte(offset) & 0xff;
        int second = image.buffer().getByte(offset + 1) & 0xff;
        return first != 127 && first < 224 && !(first == 169 && second == 254);
    }

    private boolean accepts6(FlowImage image, int offset) {
        return !isOwn6(image, offset) && reachable6(image, offset);
    }

    private boolean isOwn6(FlowImage image, int offset) {
        MutableDirectBuffer buffer = image.buffer();
        long high = buffer.getLong(offset, java.nio.ByteOrder.BIG_ENDIAN);
        long low = buffer.getLong(offset + 8, java.nio.ByteOrder.BIG_ENDIAN);
        for (int i = 0; i < own6.length; i += 2) {
            if (own6[i] == high && own6[i + 1] == low) {
                return true;
            }
        }
        return false;
    }

    private static boolean reachable6(FlowImage image, int offset) {
        MutableDirectBuffer buffer = image.buffer();
        long high = buffer.getLong(offset, java.nio.ByteOrder.BIG_ENDIAN);
        long low = buffer.getLong(offset + 8, java.nio.ByteOrder.BIG_ENDIAN);
        boolean loopback = high == 0 && low == 1;
        boolean multicast = high >>> 56 == 0xff;
        boolean linkLocal = high >>> 54 == 0xfe80 >>> 6;
        return !loopback && !multicast && !linkLocal;
    }
}
