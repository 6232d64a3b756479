/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * State of all packet flows: a TCP small enough for a quarter of a million connections in one process. It opens with the
 * real handshake and, in a check, sends one message each way, acknowledged; what is lost is sent again on the next
 * round. All numbers follow from the flow's number ({@link PacketPlan}), so that a flow's state is how far it got.
 *
 * <p>Each element is written by one side's thread, the opener's or the responder's; the other reads it, at worst late.
 */
final class PacketEnds {
    private static final byte NEW = 0;
    private static final byte ESTABLISHED = 1;
    /** Plus the epoch of the last check that arrived. */
    private static final byte CHECKED = 1;

    private static final byte RESET = -1;
    private static final int OUTSTANDING_MAX = 2_048;
    private static final int BURST = 64;
    private static final long STUCK_NS = 50_000_000;
    private static final long ROUND_MIN_NS = 250_000_000;

    private final long seed;
    private final byte[] opener;
    private final byte[] responder;
    private final Round clientRound = new Round();
    private final Round serverRound = new Round();
    /** -1: nothing to do; 0: open; n: check n. */
    private volatile int goal = -1;

    PacketEnds(int flows, long seed) {
        this.seed = seed;
        this.opener = new byte[flows];
        this.responder = new byte[flows];
    }

    boolean has(int flow) {
        return flow >= 0 && flow < opener.length;
    }

    int flows() {
        return opener.length;
    }

    /** Sets what both sides strive for from now on. */
    void strive(int newGoal) {
        clientRound.ended.set(0);
        serverRound.ended.set(0);
        goal = newGoal;
    }

    /** Flows that got as far as {@code wanted}: 0 open, n passed the check n. */
    int reached(int wanted) {
        int count = 0;
        for (int flow = 0; flow < opener.length; flow++) {
            count += done(flow, wanted) ? 1 : 0;
        }
        return count;
    }

    /** The same of one path. */
    int reached(int wanted, Path path) {
        int count = 0;
        for (int flow = path.number(); flow < opener.length; flow += PacketPlan.PATHS) {
            count += done(flow, wanted) ? 1 : 0;
        }
        return count;
    }

    /** How many times both sides have gone through all their flows since they were last told what to strive for. */
    int roundsDone() {
        return Math.min(clientRound.ended.get(), serverRound.ended.get());
    }

    private boolean done(int flow, int wanted) {
        return opener[flow] >= CHECKED + wanted && responder[flow] >= CHECKED + wanted;
    }

    /** Sends for some of the flows that {@code from} opens and that have not reached the goal; answers how many. */
    int push(PacketSide from) {
        int wanted = goal;
        return wanted < 0 ? 0 : (from.side() == Side.CLIENT ? clientRound : serverRound).push(from, wanted);
    }

    /** Deals with a segment that bears the right addresses. */
    void arrived(PacketSide at, int flow, boolean toResponder, Segment segment) {
        byte[] mine = toResponder ? responder : opener;
        if ((segment.flags() & Segment.RST) != 0) {
            mine[flow] = RESET;
        } else if (mine[flow] == RESET) {
            return;
        } else if (toResponder) {
            atResponder(at, flow, segment);
        } else {
            atOpener(at, flow, segment);
        }
    }

    private void atResponder(PacketSide at, int flow, Segment segment) {
        int openerIss = PacketPlan.openerIss(seed, flow);
        int responderIss = PacketPlan.responderIss(seed, flow);
        int flags = segment.flags();
        if ((flags & Segment.SYN) != 0) {
            if (segment.seq() == openerIss) {
                at.send(flow, false, responderIss, openerIss + 1, Segment.SYN | Segment.ACK, 0);
            }
        } else if (segment.hasMessage() && segment.messageFlow() == flow) {
            int epoch = segment.messageEpoch();
            int before = FlowMessage.BYTES * (epoch - 1) + 1;
            if (segment.seq() == openerIss + before) {
                responder[flow] = (byte) Math.max(responder[flow], CHECKED + epoch);
                int ack = openerIss + before + FlowMessage.BYTES;
                at.send(flow, false, responderIss + before, ack, Segment.PSH | Segment.ACK, epoch);
            }
        } else if (responder[flow] == NEW && segment.ack() == responderIss + 1) {
            responder[flow] = ESTABLISHED;
        }
    }

    private void atOpener(PacketSide at, int flow, Segment segment) {
        int openerIss = PacketPlan.openerIss(seed, flow);
        int responderIss = PacketPlan.responderIss(seed, flow);
        if ((segment.flags() & Segment.SYN) != 0) {
            if (segment.ack() == openerIss + 1 && segment.seq() == responderIss) {
                opener[flow] = (byte) Math.max(opener[flow], ESTABLISHED);
                at.send(flow, true, openerIss + 1, responderIss + 1, Segment.ACK, 0);
            }
        } else if (segment.hasMessage() && segment.messageFlow() == flow) {
            int epoch = segment.messageEpoch();
            int after = FlowMessage.BYTES * epoch + 1;
            if (segment.ack() == openerIss + after) {
                opener[flow] = (byte) Math.max(opener[flow], CHECKED + epoch);
                at.send(flow, true, openerIss + after, responderIss + after, Segment.ACK, epoch);
            }
        }
    }

    private void attempt(PacketSide from, int flow, int wanted) {
        int openerIss = PacketPlan.openerIss(seed, flow);
        int responderIss = PacketPlan.responderIss(seed, flow);
        if (opener[flow] == NEW) {
            from.send(flow, true, openerIss, 0, Segment.SYN, 0);
        } else if (wanted == 0) {
            from.send(flow, true, openerIss + 1, responderIss + 1, Segment.ACK, 0);
        } else {
            int before = FlowMessage.BYTES * (wanted - 1) + 1;
            from.send(flow, true, openerIss + before, responderIss + before, Segment.PSH | Segment.ACK, wanted);
        }
    }

    /**
     * One side's way through its flows, round after round. Answers set the pace: no more than {@value #OUTSTANDING_MAX}
     * are awaited, and what did not come within a while is taken for lost. Owned by that side's thread.
     */
    private final class Round {
        private final int[] awaited = new int[OUTSTANDING_MAX];
        private int awaiting;
        private int cursor;
        private int strivenFor = -1;
        private long beganNs;
        private final AtomicInteger ended = new AtomicInteger();
        private long progressNs;

        int push(PacketSide from, int wanted) {
            long nowNs = System.nanoTime();
            if (wanted != strivenFor) {
                strivenFor = wanted;
                ended.set(0);
                cursor = 0;
                awaiting = 0;
                beganNs = nowNs;
            }
            settle(wanted, nowNs);
            if (cursor >= opener.length) {
                if (nowNs - beganNs < ROUND_MIN_NS) {
                    return 0;
                }
                cursor = 0;
                beganNs = nowNs;
                ended.incrementAndGet();
            }
            int sent = 0;
            while (sent < BURST && awaiting < OUTSTANDING_MAX && cursor < opener.length) {
                int flow = cursor++;
                if (PacketPlan.path(flow).initiator() == from.side() && opener[flow] != RESET && !done(flow, wanted)) {
                    attempt(from, flow, wanted);
                    awaited[awaiting++] = flow;
                    sent++;
                }
            }
            return sent;
        }

        private void settle(int wanted, long nowNs) {
            int left = 0;
            for (int i = 0; i < awaiting; i++) {
                if (!done(awaited[i], wanted)) {
                    awaited[left++] = awaited[i];
                }
            }
            if (left < awaiting || left == 0) {
                progressNs = nowNs;
            }
            awaiting = nowNs - progressNs > STUCK_NS ? 0 : left;
        }
    }
}
