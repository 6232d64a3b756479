/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.netlink;

import static io.twinwall.netlink.NlConst.NLMSG_HDRLEN;

import org.agrona.DirectBuffer;

/**
 * The kernel's answer to a request, read in place: {@code NLMSG_ERROR} (an ACK when {@link #errno} is 0), or the {@code
 * NLMSG_DONE} that ends a dump.
 *
 * <pre>
 *   nlmsghdr, 16 | error, 4 | nlmsghdr of the request, 16 | rest of it, unless capped | NLMSGERR_ATTR_* if NLM_F_ACK_TLVS
 *   nlmsghdr, 16 | error, 4 | NLMSGERR_ATTR_* if NLM_F_ACK_TLVS                          (NLMSG_DONE)
 * </pre>
 *
 * Used by one thread; allocates only in {@link #text}; valid as long as the buffer's bytes are.
 */
public final class NlError {
    /** {@link NlResult#attributeOffset} when the kernel did not point at an attribute. */
    public static final int NONE = -1;

    private final NlAttrs attrs = new NlAttrs();
    private DirectBuffer buffer;
    private int errno;
    private int seq;
    private int requestType;
    private int textOffset;
    private int textBytes;
    private int attributeOffset;

    /** Reads the answer that {@code message} stands at; false when it is none, or too short to be one. */
    public boolean wrap(NlReader message) {
        buffer = message.buffer();
        seq = message.seq();
        requestType = 0;
        textOffset = 0;
        textBytes = 0;
        attributeOffset = NONE;
        int payload = message.payloadOffset();
        int length = message.payloadLength();
        boolean done = message.type() == NlConst.NLMSG_DONE;
        if (!done && (message.type() != NlConst.NLMSG_ERROR || length < 4 + NLMSG_HDRLEN)) {
            return false;
        }
        // A dump's end may come without any payload on old kernels; then nothing went wrong.
        errno = length >= 4 ? -buffer.getInt(payload) : 0;
        int skip = 4;
        if (!done) {
            requestType = buffer.getShort(payload + 4 + NlConst.NLMSG_TYPE_OFFSET) & 0xffff;
            skip = 4 + echoedBytes(message, payload, length);
        }
        if ((message.flags() & NlConst.NLM_F_ACK_TLVS) != 0 && skip < length) {
            extendedAck(payload + skip, length - skip);
        }
        return true;
    }

    private int echoedBytes(NlReader message, int payload, int length) {
        if ((message.flags() & NlConst.NLM_F_CAPPED) != 0 || errno == 0) {
            return NLMSG_HDRLEN;
        }
        int echoed = buffer.getInt(payload + 4 + NlConst.NLMSG_LEN_OFFSET);
        return echoed < NLMSG_HDRLEN || echoed > length - 4 ? length - 4 : NlConst.align(echoed);
    }

    private void extendedAck(int offset, int length) {
        attrs.wrap(buffer, offset, length);
        while (attrs.next()) {
            switch (attrs.type()) {
                case NlConst.NLMSGERR_ATTR_MSG -> {
                    textOffset = attrs.valueOffset();
                    textBytes = attrs.stringLength();
                }
                case NlConst.NLMSGERR_ATTR_OFFS -> attributeOffset = attrs.u32();
                default -> {
                    // The cookie, the policy dump and what is missing tell an operator nothing.
                }
            }
        }
    }

    /** 0 for an ACK or a dump that went well, else the positive errno. */
    public int errno() {
        return errno;
    }

    /** {@code nlmsg_seq} of the request that this answers. */
    public int seq() {
        return seq;
    }

    /** {@code nlmsg_type} of the request that this answers; 0 for the end of a dump. */
    public int requestType() {
        return requestType;
    }

    /** The kernel's words ({@code NLMSGERR_ATTR_MSG}), or "". Allocates. */
    public String text() {
        return textBytes == 0 ? "" : buffer.getStringWithoutLengthUtf8(textOffset, textBytes);
    }

    /** This answer as a value that outlives the buffer. Allocates. */
    public NlResult result() {
        return new NlResult(errno, text(), attributeOffset);
    }
}
