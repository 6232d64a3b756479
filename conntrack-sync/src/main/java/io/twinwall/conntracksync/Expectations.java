/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import io.twinwall.base.Counters;
import io.twinwall.base.OffHeap;
import io.twinwall.flowtable.FlowTable;
import io.twinwall.netlink.NlConst;
import io.twinwall.wire.ExpectDigestDecoder;
import io.twinwall.wire.ExpectRequestDecoder;
import io.twinwall.wire.ExpectSweepDecoder;
import io.twinwall.wire.ExpectsDecoder;
import org.agrona.DirectBuffer;

/**
 * Mirrors the connections that flows expect: an FTP client has told the server where to connect to, and the server does so
 * only after the takeover. This is what {@link SyncAgent} knows of it; either half works while its role lasts, and the table
 * of expectations goes over from the one to the other. Off, it costs nothing. On the sync agent's thread.
 */
final class Expectations implements AutoCloseable {
    /** Subsystem of an expectation's message, in the upper byte of its type. */
    private static final int SUBSYSTEM = NlConst.NFNL_SUBSYS_CTNETLINK_EXP;

    /** Groups of the event socket: the same as the flows', so that a flow is known before it is heard to expect. */
    private static final int[] GROUPS = {
        NlConst.NFNLGRP_CONNTRACK_EXP_NEW, NlConst.NFNLGRP_CONNTRACK_EXP_UPDATE, NlConst.NFNLGRP_CONNTRACK_EXP_DESTROY
    };

    private static final int[] NO_GROUPS = {};

    private enum Role {
        NONE,
        SOURCE,
        MIRROR
    }

    private final boolean enabled;
    private final ExpectTable table;
    private final ExpectKernel kernel;
    private final ExpectMasters masters;
    private final ExpectSource source;
    private final ExpectMirror mirror;
    private final ExpectCounters counters;
    private Role role = Role.NONE;

    /** Off. */
    private Expectations() {
        enabled = false;
        table = null;
        kernel = null;
        masters = null;
        source = null;
        mirror = null;
        counters = null;
    }

    static Expectations off() {
        return new Expectations();
    }

    private Expectations(
            SyncConfig config,
            ConntrackKernel conntrack,
            FlowTable flows,
            EntryApplier applier,
            FrameSender sender,
            OffHeap memory,
            Counters counterMap) {
        enabled = true;
        counters = new ExpectCounters(counterMap);
        table = new ExpectTable(memory.map(ExpectTable.bytes()), config.hashSeed());
        ExpectCodec codec = new ExpectCodec();
        kernel = new ExpectKernel(conntrack::injections, memory.map(ExpectKernel.bufferBytes()), this::onKernelMessage);
        masters = new ExpectMasters(flows, applier, kernel, counterMap);
        source = new ExpectSource(table, flows, codec, kernel, masters, sender, counters);
        mirror = new ExpectMirror(table, flows, codec, kernel, sender, counters);
    }

    static Expectations of(
            SyncConfig config,
            ConntrackKernel conntrack,
            FlowTable flows,
            EntryApplier applier,
            FrameSender sender,
            OffHeap memory,
            Counters counters) {
        return config.expectations()
                ? new Expectations(config, conntrack, flows, applier, sender, memory, counters)
                : off();
    }

    /** What the event socket is to join for them. */
    int[] groups() {
        return enabled ? GROUPS : NO_GROUPS;
    }

    /** True when {@code nlmsgType} is an expectation's. */
    static boolean isOne(int nlmsgType) {
        return nlmsgType >>> 8 == SUBSYSTEM;
    }

    /** An event of this kernel. A mirror passes over what its kernel does; it asks now and then. */
    void onEvent(DirectBuffer buffer, int offset, int length) {
        if (role == Role.SOURCE) {
            counters.events.increment();
            source.onMessage(buffer, offset, length);
        }
    }

    private void onKernelMessage(DirectBuffer buffer, int offset, int length, boolean fromDump) {
        if (!fromDump) {
            masters.onEntry(buffer, offset, length);
        } else if (role == Role.SOURCE) {
            source.onMessage(buffer, offset, length);
        } else {
            mirror.onMessage(buffer, offset, length);
        }
    }

    /** Flows are in the kernel as far as they can be; what they expect follows, and from here on its kernel has the word. */
    void becomeSource() {
        if (enabled && role != Role.SOURCE) {
            if (role == Role.MIRROR) {
                mirror.finish();
            }
            table.settle();
            role = Role.SOURCE;
        }
        reset();
    }

    void becomeMirror() {
        if (enabled && role != Role.MIRROR) {
            table.settle();
            masters.clear();
            role = Role.MIRROR;
            mirror.begin();
        }
        reset();
    }

    /** Another session, with or without another role. */
    void reset() {
        if (enabled) {
            source.reset();
            mirror.reset();
        }
    }

    /** Frames were lost. */
    void gap() {
        if (enabled) {
            mirror.reset();
        }
    }

    /** After the flows, in either role. Returns the work done. */
    int step(long nowNs, long term) {
        if (!enabled) {
            return 0;
        }
        int work = switch (role) {
            case NONE -> 0;
            case SOURCE -> source.step(nowNs, term);
            case MIRROR -> mirror.step(nowNs, term);
        };
        counters.held.set(table.count());
        return work;
    }

    /** A barrier is to follow all that this kernel did until now. */
    void hurry() {
        if (enabled) {
            source.hurry();
        }
    }

    /** True when all that was known of this source's expectations at the last {@link #hurry} is in the stream. */
    boolean published() {
        return !enabled || source.published();
    }

    void onExpects(ExpectsDecoder message) {
        if (role == Role.MIRROR) {
            mirror.onExpects(message);
        }
    }

    void onDigest(ExpectDigestDecoder message) {
        if (role == Role.MIRROR) {
            mirror.onDigest(message);
        }
    }

    void onSweep(ExpectSweepDecoder message) {
        if (role == Role.MIRROR) {
            mirror.onSweep(message);
        }
    }

    void onRequest(ExpectRequestDecoder message) {
        if (role == Role.SOURCE) {
            source.request();
        }
    }

    @Override
    public void close() {
        if (enabled) {
            kernel.close();
        }
    }
}
