/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import io.twinwall.base.Counter;
import io.twinwall.base.Counters;
import io.twinwall.base.NanoClock;
import io.twinwall.flowtable.FlowImage;
import io.twinwall.flowtable.FlowTable;
import io.twinwall.linux.Errno;
import io.twinwall.linux.SocketFilter;
import io.twinwall.netlink.CtConst;
import io.twinwall.netlink.CtFlyweight;
import io.twinwall.netlink.NlConst;
import io.twinwall.netlink.NlDatagramHandler;
import io.twinwall.netlink.NlReader;
import io.twinwall.netlink.NlTransport;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Optional;
import java.util.function.Supplier;
import org.agrona.DirectBuffer;

/**
 * Takes the kernel's conntrack events off their socket and into the table: each is parsed where it lies and merged at
 * once. Runs on the sync agent's thread; open only while this node is the source. Events that the own injector caused
 * carry its port id and are passed over. What the kernel tears with a link goes to {@link HoldBack}.
 *
 * <p>A source that has become mirror goes on listening for a while, to what its kernel does of itself: an address taken
 * away a moment ago may still tear flows, others run out of time before they are renewed, and packets on their way through
 * while the role changed may still move one. Of that the new source knows nothing, and what it says holds: the injector
 * makes the flow anew, or writes the table's state over it.
 */
final class EventAdapter implements NlDatagramHandler, AutoCloseable {
    /** What is read in one cycle of the agent, and how many datagrams tell that there may be more. */
    static final int CYCLE_BATCHES = 64;

    static final int CYCLE_SATURATED = CYCLE_BATCHES * 32;

    /** NEW, UPDATE and DESTROY groups of ctnetlink. */
    private static final int[] GROUPS = {
        NlConst.NFNLGRP_CONNTRACK_NEW, NlConst.NFNLGRP_CONNTRACK_UPDATE, NlConst.NFNLGRP_CONNTRACK_DESTROY
    };

    /** What a mirror listens to in the long run. */
    private static final int[] ENDS = {NlConst.NFNLGRP_CONNTRACK_DESTROY};

    private static final int QUEUED_ROUNDS_MAX = 64;
    private static final int QUEUED_BATCHES = 64;

    private static final Logger LOG = System.getLogger("twinwall.sync");

    private enum Mode {
        SOURCE,
        FOLLOW,
        WATCH
    }

    private final FlowTable table;
    private final NanoClock clock;
    private final Supplier<NlTransport> opener;
    private final EntryApplier applier;
    private final HoldBack holdBack;
    private final Proof proof;
    private final Expectations expectations;
    private final NlReader reader = new NlReader();
    private final CtFlyweight entry = new CtFlyweight();
    private final FlowImage image = new FlowImage();
    private final Counter events;
    private final Counter own;
    private final Counter malformed;
    private final Counter unknownAttributes;
    private final Counter overruns;

    private final Counter filtered;

    private Optional<SocketFilter> filter = Optional.empty();
    private NlTransport transport;
    private int ownPortId;
    private boolean lost;
    private Mode mode = Mode.SOURCE;
    private KernelWatcher watcher;
    private boolean onlyEnds;
    private long nowNs;
    private long nowMs;

    EventAdapter(
            FlowTable table,
            EntryApplier applier,
            HoldBack holdBack,
            Expectations expectations,
            Supplier<NlTransport> opener,
            Proof proof,
            NanoClock clock,
            Counters counters) {
        this.table = table;
        this.applier = applier;
        this.holdBack = holdBack;
        this.expectations = expectations;
        this.opener = opener;
        this.proof = proof;
        this.clock = clock;
        events = counters.counter("sync_kernel_events_total", "Conntrack events read from the kernel.");
        own = counters.counter(
                "sync_kernel_events_own_total", "Conntrack events that this program caused; passed over.");
        malformed =
                counters.counter("sync_kernel_events_malformed_total", "Netlink messages that could not be parsed.");
        unknownAttributes = counters.counter(
                "sync_kernel_attributes_unknown_total", "Conntrack attributes this version does not know; skipped.");
        overruns = counters.counter(
                "sync_kernel_event_overruns_total",
                "Times the kernel dropped events because they were not read fast enough; each starts a repair.");
        filtered = counters.gauge(
                "sync_filter_in_kernel",
                "1: the kernel keeps the events of flows that never travel to itself; 0: no such rule, or it refused.");
    }

    /** Begins to listen. From here on no change escapes; what was before must be learnt by a dump. */
    void open(int injectorPortId) {
        open(injectorPortId, GROUPS);
        mode = Mode.SOURCE;
        attach(filter);
    }

    /** Begins to listen to ends alone, as a mirror that has just started. */
    void openEnds(int injectorPortId) {
        open(injectorPortId, ENDS);
        mode = Mode.FOLLOW;
    }

    /** From here on listens to ends alone: who makes many entries is not to be slowed by events of each. */
    void onlyEnds() {
        if (!onlyEnds && transport != null) {
            transport.leave(NlConst.NFNLGRP_CONNTRACK_NEW);
            transport.leave(NlConst.NFNLGRP_CONNTRACK_UPDATE);
            for (int group : expectations.groups()) {
                transport.leave(group);
            }
            onlyEnds = true;
        }
    }

    private void open(int injectorPortId, int... groups) {
        close();
        onlyEnds = groups.length == 1;
        ownPortId = injectorPortId;
        transport = opener.get();
        join(groups);
        if (!onlyEnds) {
            join(expectations.groups());
        }
        lost = false;
    }

    private void join(int[] groups) {
        for (int group : groups) {
            int result = transport.join(group);
            if (result < 0) {
                throw Errno.fatal("join conntrack events (group " + group + ")", -result);
            }
        }
    }

    /** Has the kernel itself throw away what the rules never let travel, where it can. */
    void rules(FlowRules rules) {
        filter = EventFilter.of(rules);
        if (mode == Mode.SOURCE) {
            attach(filter);
        }
    }

    /** Without it all goes as well: what comes is judged again. */
    private void attach(Optional<SocketFilter> program) {
        if (transport == null) {
            return;
        }
        int result = transport.filter(program.orElse(null));
        if (result < 0) {
            LOG.log(
                    Level.WARNING,
                    "the kernel does not filter conntrack events for sync.filter, so this program does alone: {0}",
                    Errno.text(-result));
            transport.filter(null);
        }
        filtered.set(result == 0 && program.isPresent() ? 1 : 0);
    }

    /** From here on applies what happens and keeps no end back: a mirror reads by a dump what its kernel holds. */
    void follow() {
        attach(Optional.empty());
        mode = Mode.FOLLOW;
    }

    /** From here on applies nothing, and only hands over the slots of flows that the kernel ends or makes, or moves. */
    void onlyWatch(KernelWatcher hears) {
        // The other node's rules say now what this kernel is to hold.
        attach(Optional.empty());
        mode = Mode.WATCH;
        watcher = hears;
    }

    /** Reads what has happened until now, as much of it as is there at once. */
    void catchUp() {
        for (int i = 0; i < QUEUED_ROUNDS_MAX && poll(QUEUED_BATCHES) > 0; i++) {
            // The next batch may be there already.
        }
    }

    /** Reads at most {@code batchesMax} batches. Returns how many datagrams were read. */
    int poll(int batchesMax) {
        if (transport == null) {
            return 0;
        }
        nowNs = clock.nanoTime();
        nowMs = nowNs / 1_000_000;
        int work = 0;
        for (int i = 0; i < batchesMax; i++) {
            int read = transport.poll(this);
            if (read > 0) {
                work += read;
            } else if (read == -Errno.ENOBUFS) {
                lost = true;
                overruns.increment();
            } else if (read == -Errno.EMSGSIZE) {
                malformed.increment();
            } else {
                break;
            }
        }
        return work;
    }

    /** Reads what is queued: it is older than what follows, a dump or another role. True when events were dropped. */
    boolean readQueued() {
        catchUp();
        return takeLost();
    }

    /** True once after the kernel said that events were dropped. */
    boolean takeLost() {
        boolean was = lost;
        lost = false;
        return was;
    }

    @Override
    public void onDatagram(DirectBuffer buffer, int offset, int length) {
        reader.wrap(buffer, offset, length);
        while (reader.next()) {
            if (Expectations.isOne(reader.type())) {
                expectations.onEvent(buffer, reader.offset(), reader.length());
                continue;
            }
            if (!entry.wrap(buffer, reader.offset(), reader.length())) {
                malformed.increment();
                continue;
            }
            events.increment();
            if (entry.unknownAttributes() > 0) {
                unknownAttributes.add(entry.unknownAttributes());
            }
            if (entry.portId() != 0 && entry.portId() == ownPortId) {
                own.increment();
                continue;
            }
            onEntry();
        }
        if (reader.error() != NlReader.OK) {
            malformed.increment();
        }
    }

    @Override
    public void close() {
        if (transport != null) {
            transport.close();
            transport = null;
            filtered.set(0);
        }
    }

    private void onEntry() {
        CtImage.read(entry, image);
        boolean destroyed = entry.type() == CtConst.IPCTNL_MSG_CT_DELETE;
        boolean created = (entry.flags() & NlConst.NLM_F_CREATE) != 0;
        if (mode == Mode.WATCH) {
            watch(destroyed || created);
            return;
        }
        if (mode == Mode.SOURCE && entry.portId() != 0) {
            RepairWhy made = created ? RepairWhy.CREATED : RepairWhy.CHANGED;
            proof.repaired(destroyed ? RepairWhy.DELETED : made, 1);
        }
        if (destroyed) {
            if (mode == Mode.FOLLOW || !holdBack.hold(entry, image, nowNs)) {
                table.remove(image);
            }
            return;
        }
        applier.apply(image, created ? FlowTable.NEW : FlowTable.MERGE, nowMs);
        int slot = applier.slot();
        if (slot >= 0) {
            table.kernelDeadlineMs(slot, 0);
            CtImage.noteWindows(entry, table, slot);
        }
    }

    private void watch(boolean anotherOrNone) {
        int slot = table.find(image);
        if (slot >= 0) {
            // A new entry of a known flow is another's in all but the key: an update would not do.
            if (anotherOrNone) {
                watcher.ended(slot, entry.portId() != 0);
            } else {
                watcher.moved(slot);
            }
        }
    }
}
