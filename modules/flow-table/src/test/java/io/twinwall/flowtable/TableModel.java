/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.flowtable;

import static io.twinwall.flowtable.FlowTable.*;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import org.agrona.DirectBuffer;

/** What a {@link FlowTable} must do, in the plainest words: objects in a map, contents compared as strings. */
final class TableModel {
    enum State {
        LIVE,
        DEAD,
        TOMB
    }

    static final class Flow {
        final FlowImage image = new FlowImage();
        State state;
        boolean eligible;
        boolean dirty;
        boolean recreate;
        boolean recreateTaken;
        boolean inKernel;
        int holds;
        long stamp;
        int touched;
        long deadlineMs;
    }

    final Map<String, Flow> flows = new HashMap<>();
    final ArrayDeque<String> dirty = new ArrayDeque<>();
    final int flowsMax;
    long epoch = 1;
    long auditEpoch;
    boolean dumping;

    TableModel(int flowsMax) {
        this.flowsMax = flowsMax;
    }

    int apply(FlowImage image, int how, long nowMs) {
        String key = Content.key(image);
        Flow flow = flows.get(key);
        if (flow == null && flows.size() >= flowsMax) {
            return REFUSED_FULL;
        }
        if (flow != null && flow.state != State.LIVE && (how & FROM_DUMP) != 0 && isFresh(flow)) {
            return GHOST;
        }
        if (flow != null && flow.state == State.LIVE) {
            return update(key, flow, image, how, nowMs);
        }
        boolean wasDead = flow != null && flow.state == State.DEAD;
        if (flow == null) {
            flow = new Flow();
            flows.put(key, flow);
        }
        flow.state = State.LIVE;
        flow.image.copyFrom(image);
        normalise(flow.image);
        flow.deadlineMs = nowMs + flow.image.timeoutSeconds() * 1000;
        flow.recreate |= wasDead;
        flow.eligible = (how & REPLICATE) != 0;
        tell(flow, image, how);
        if (flow.eligible) {
            enqueue(key, flow);
        }
        return wasDead && flow.eligible ? RECREATED | CHANGED : CREATED;
    }

    private int update(String key, Flow flow, FlowImage image, int how, long nowMs) {
        boolean fresh = isFresh(flow);
        int told = (how & FROM_DUMP) != 0 && fresh ? flow.touched : 0;
        int id = flow.image.id();
        boolean idsKnown = id != 0 && image.id() != 0;
        boolean newLife = (idsKnown && id != image.id()) || ((how & NEW) != 0 && !(idsKnown && fresh));
        if (newLife && told != 0) {
            return UNCHANGED;
        }
        String before = Content.replicated(flow.image);
        String immutableBefore = Content.immutable(flow.image);
        int statusBefore = flow.image.status();
        String removableBefore = Content.removable(flow.image, ~image.present());
        boolean wasEligible = flow.eligible;
        int mask = newLife || (how & REPLACE) != 0 ? ALL_BUT_KEY & ~told : image.present() & ALL_BUT_KEY;
        for (int bit = 2; bit <= FlowImage.ALL; bit <<= 1) {
            if ((mask & bit & ~FlowImage.TIMEOUT) != 0) {
                set(flow.image, image, bit);
            }
        }
        normalise(flow.image);
        tell(flow, image, how);
        flow.eligible = told != 0 ? wasEligible : (how & REPLICATE) != 0;
        boolean recreated = newLife
                || (how & RECREATE) != 0
                || !immutableBefore.equals(Content.immutable(flow.image))
                || (statusBefore & ~flow.image.status() & 0x6) != 0
                || !removableBefore.equals(Content.removable(flow.image, ~image.present()));
        boolean changed = wasEligible != flow.eligible
                || (flow.eligible && (recreated || !before.equals(Content.replicated(flow.image))));
        boolean moved = false;
        if (image.has(FlowImage.TIMEOUT) && (mask & FlowImage.TIMEOUT) != 0) {
            long remainingMs = image.timeoutSeconds() * 1000;
            long offMs = Math.abs(nowMs + remainingMs - Math.max(flow.deadlineMs, nowMs));
            long slackMs = (how & TIMEOUT_TOLD) != 0 ? 5_000 : Math.max(60_000, remainingMs / 16);
            moved = flow.eligible && !changed && offMs > slackMs;
            if (changed || moved || !flow.eligible) {
                set(flow.image, image, FlowImage.TIMEOUT);
                flow.deadlineMs = nowMs + remainingMs;
            }
        }
        if (moved) {
            enqueue(key, flow);
            flow.recreate |= recreated && (wasEligible || flow.eligible || flow.dirty);
            return CHANGED | TIMEOUT_MOVED;
        }
        boolean tellsRecreate = recreated && (wasEligible || flow.eligible || flow.dirty);
        flow.recreate |= tellsRecreate;
        if (changed) {
            enqueue(key, flow);
        }
        return tellsRecreate ? RECREATED | CHANGED : changed ? CHANGED : UNCHANGED;
    }

    int remove(FlowImage image) {
        String key = Content.key(image);
        Flow flow = flows.get(key);
        if (flow == null) {
            if (dumping && flows.size() < flowsMax) {
                Flow tomb = new Flow();
                tomb.state = State.TOMB;
                tomb.stamp = epoch;
                flows.put(key, tomb);
            }
            return UNKNOWN;
        }
        if (flow.state != State.LIVE) {
            flow.stamp = epoch;
            return UNKNOWN;
        }
        int id = flow.image.id();
        if (id != 0 && image.id() != 0 && id != image.id()) {
            return STALE;
        }
        kill(key, flow);
        return REMOVED;
    }

    void kill(String key, Flow flow) {
        boolean wasEligible = flow.eligible;
        flow.state = State.DEAD;
        flow.eligible = false;
        flow.recreate = false;
        flow.stamp = epoch;
        if (wasEligible || flow.inKernel) {
            enqueue(key, flow);
        }
        buryIfDone(key, flow);
    }

    String take() {
        String key = dirty.poll();
        if (key != null) {
            Flow flow = flows.get(key);
            flow.dirty = false;
            flow.recreateTaken |= flow.recreate;
            flow.recreate = false;
            flow.holds++;
        }
        return key;
    }

    void release(String key) {
        Flow flow = flows.get(key);
        flow.holds--;
        if (flow.holds == 0) {
            flow.recreateTaken = false;
            buryIfDone(key, flow);
        }
    }

    void putBack(String key) {
        Flow flow = flows.get(key);
        flow.holds--;
        flow.recreate |= flow.recreateTaken;
        flow.recreateTaken &= flow.holds > 0;
        enqueue(key, flow);
    }

    void beginAudit() {
        auditEpoch = ++epoch;
        dumping = true;
    }

    int endAudit() {
        dumping = false;
        int removed = 0;
        for (String key : flows.keySet().toArray(new String[0])) {
            Flow flow = flows.get(key);
            if (flow.state == State.TOMB) {
                flows.remove(key);
            } else if (flow.state == State.LIVE && flow.stamp < auditEpoch) {
                kill(key, flow);
                removed++;
            }
        }
        return removed;
    }

    private void buryIfDone(String key, Flow flow) {
        if (flow.state == State.DEAD && !flow.dirty && flow.holds == 0) {
            if (isFresh(flow)) {
                flow.state = State.TOMB;
                flow.inKernel = false;
                flow.recreate = false;
            } else {
                flows.remove(key);
            }
        }
    }

    private boolean isFresh(Flow flow) {
        return dumping && flow.stamp >= auditEpoch;
    }

    private void tell(Flow flow, FlowImage image, int how) {
        int told = (how & FROM_DUMP) != 0 ? 0 : image.present() & ALL_BUT_KEY;
        flow.touched = (isFresh(flow) ? flow.touched : 0) | told;
        flow.stamp = epoch;
    }

    private void enqueue(String key, Flow flow) {
        if (!flow.dirty) {
            flow.dirty = true;
            dirty.add(key);
        }
    }

    private static final int ALL_BUT_KEY = FlowImage.ALL & ~FlowImage.ORIG;

    private static void normalise(FlowImage image) {
        if (image.zone() == 0 || image.zoneDir() == 0) {
            boolean has = image.has(FlowImage.ZONE);
            int present = image.present();
            image.zone(0, 0);
            image.buffer().putInt(0, has ? present | FlowImage.ZONE : present & ~FlowImage.ZONE);
        }
    }

    /** Sets one attribute as {@code from} has it, be it absent. An absent one is zero, so its bytes are copied as well. */
    private static void set(FlowImage to, FlowImage from, int bit) {
        DirectBuffer b = from.buffer();
        switch (bit) {
            case FlowImage.REPLY ->
                to.reply(b, from.replySrcOffset(), from.replyDstOffset(), from.replySrcPort(), from.replyDstPort());
            case FlowImage.ZONE -> to.zone(from.zone(), from.zoneDir());
            case FlowImage.STATUS -> to.status(from.status());
            case FlowImage.TIMEOUT -> to.timeoutSeconds(from.timeoutSeconds());
            case FlowImage.MARK -> to.mark(from.mark());
            case FlowImage.ID -> to.id(from.id());
            case FlowImage.TCP ->
                to.tcp(
                        from.tcpState(),
                        from.tcpWscaleOrig(),
                        from.tcpWscaleReply(),
                        from.tcpFlagsOrig(),
                        from.tcpFlagsReply());
            case FlowImage.SCTP -> to.sctp(from.sctpState(), from.sctpVtagOrig(), from.sctpVtagReply());
            case FlowImage.LABELS -> to.labels(b, from.labelsOffset(), FlowImage.LABELS_BYTES);
            case FlowImage.HELPER -> to.helper(b, from.helperOffset(), from.helperLength());
            case FlowImage.MASTER ->
                to.master(
                        b,
                        from.masterSrcOffset(),
                        from.masterDstOffset(),
                        from.masterSrcPort(),
                        from.masterDstPort(),
                        from.masterProto());
            case FlowImage.SEQ_ADJ_ORIG ->
                to.seqAdjOrig(from.seqAdjOrigPos(), from.seqAdjOrigBefore(), from.seqAdjOrigAfter());
            case FlowImage.SEQ_ADJ_REPLY ->
                to.seqAdjReply(from.seqAdjReplyPos(), from.seqAdjReplyBefore(), from.seqAdjReplyAfter());
            case FlowImage.SYNPROXY -> to.synproxy(from.synproxyIsn(), from.synproxyIts(), from.synproxyTsoff());
            case FlowImage.COUNTERS_ORIG -> to.countersOrig(from.packetsOrig(), from.bytesOrig());
            case FlowImage.COUNTERS_REPLY -> to.countersReply(from.packetsReply(), from.bytesReply());
            case FlowImage.START -> to.startNs(from.startNs());
            case FlowImage.SECCTX -> to.secctx(b, from.secctxOffset(), from.secctxLength());
            default -> throw new AssertionError("bit " + bit);
        }
        if (!from.has(bit)) {
            to.buffer().putInt(0, to.present() & ~bit);
        }
    }
}
