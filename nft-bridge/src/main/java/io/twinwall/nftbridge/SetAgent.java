/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.nftbridge;

import io.twinwall.base.Counters;
import io.twinwall.base.NanoClock;
import io.twinwall.netlink.NftSetInfo;
import io.twinwall.wire.SideChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Mirrors the configured sets and maps of nf_tables: from this kernel to the peer while this node is the source of the
 * stream, and the other way while it is the mirror. {@link #doWork} is called by one thread of its own, which may wait for
 * the kernel as long as a large set takes; the stream's thread only carries what is ready.
 */
public final class SetAgent implements AutoCloseable {
    private static final int MESSAGES_IN = 1024;
    private static final int MESSAGES_OUT = 64;
    private static final long STATUS_EVERY_MS = 200;

    private final SideChannel channel;
    private final NanoClock clock;
    private final SetCounters counters;
    private final SetKernel kernel;
    private final SetWatch watch;
    private final SetCodec codec;
    private final Heard heard = new Heard();
    private final List<Mirrored> sets = new ArrayList<>();
    private final int firstRound;
    private SideChannel.Side side = SideChannel.Side.OFF;
    private byte[] held;
    private long statusMs;
    private volatile List<SetStatus> status = List.of();

    /** Opens sockets in the network namespace of the calling thread. */
    public SetAgent(SetConfig config, SideChannel channel, NanoClock clock, Counters counters) {
        this.channel = channel;
        this.clock = clock;
        this.counters = new SetCounters(counters);
        kernel = new SetKernel(this.counters);
        watch = new SetWatch(config.sets(), kernel.portId());
        codec = new SetCodec(channel.messageBytesMax());
        long nowMs = nowMs();
        // A peer that outlives this program must not take a new whole for a piece of an old one.
        firstRound = (int) nowMs & 0x3fffffff;
        for (SetName name : config.sets()) {
            sets.add(new Mirrored(name, config.intervalMs()));
        }
        statusMs = nowMs - STATUS_EVERY_MS;
    }

    /** Does what is to be done now, and returns more than 0 when there may be more at once. */
    public int doWork() {
        int work = hear();
        if (channel.side() != side) {
            work += hear();
            turn(channel.side());
        }
        if (watch.poll()) {
            sets.forEach(set -> set.view.touched());
        }
        long nowMs = nowMs();
        for (Mirrored set : sets) {
            work += set.work(nowMs());
        }
        work += send();
        if (nowMs - statusMs >= STATUS_EVERY_MS) {
            statusMs = nowMs;
            publish(nowMs);
        }
        return work;
    }

    /** Of each set, in the configuration's order. Any thread. */
    public List<SetStatus> status() {
        return status;
    }

    @Override
    public void close() {
        watch.close();
        kernel.close();
    }

    private int hear() {
        int messages = 0;
        byte[] message = channel.poll();
        while (message != null) {
            codec.read(message, heard);
            messages++;
            message = messages < MESSAGES_IN ? channel.poll() : null;
        }
        if (messages > 0) {
            sets.forEach(set -> set.flush(nowMs()));
        }
        return messages;
    }

    private void turn(SideChannel.Side to) {
        side = to;
        held = null;
        sets.forEach(Mirrored::turn);
    }

    private int send() {
        int sent = 0;
        for (Mirrored set : sets) {
            int ofSet = 0;
            while (ofSet < MESSAGES_OUT) {
                held = held == null ? set.next(nowMs()) : held;
                if (held == null) {
                    break;
                }
                if (!channel.offer(held)) {
                    return sent;
                }
                held = null;
                ofSet++;
            }
            sent += ofSet;
        }
        return sent;
    }

    private void publish(long nowMs) {
        List<SetStatus> all = sets.stream().map(set -> set.status(nowMs)).toList();
        counters.elements.set(all.stream().mapToLong(SetStatus::elements).sum());
        counters.differing.set(
                all.stream().mapToLong(one -> Math.max(0, one.differing())).sum());
        counters.problems.set(
                all.stream().filter(one -> !one.problem().isEmpty()).count());
        status = all;
    }

    private long nowMs() {
        return clock.nanoTime() / 1_000_000;
    }

    /** One set, as whichever this node is. */
    private final class Mirrored {
        private final SetName name;
        private final int intervalMs;
        private SetView view;
        private Optional<SetSource> source = Optional.empty();
        private Optional<SetMirror> mirror = Optional.empty();
        private boolean equal;
        private long sinceMs = nowMs();
        private int turns;

        Mirrored(SetName name, int intervalMs) {
            this.name = name;
            this.intervalMs = intervalMs;
            view = new SetView(name, kernel, intervalMs, nowMs());
        }

        void turn() {
            long now = nowMs();
            view = new SetView(name, kernel, intervalMs, now);
            source = Optional.empty();
            mirror = Optional.empty();
            turns++;
            switch (side) {
                case OFF -> {}
                case SOURCE -> source = Optional.of(new SetSource(view, codec, counters, firstRound + (turns << 16)));
                case MIRROR -> mirror = Optional.of(new SetMirror(view, kernel, codec, counters, now));
            }
        }

        int work(long now) {
            boolean looked = source.map(it -> it.look(now)).orElse(false)
                    || mirror.map(it -> it.look(now)).orElse(false);
            return looked ? 1 : 0;
        }

        void flush(long now) {
            mirror.ifPresent(it -> it.flush(now));
        }

        byte[] next(long now) {
            return source.map(it -> it.next(now))
                    .or(() -> mirror.map(it -> it.next(now)))
                    .orElse(null);
        }

        SetStatus status(long now) {
            int elements = source.map(SetSource::elements)
                    .or(() -> mirror.map(SetMirror::elements))
                    .orElse(0);
            int differing = source.map(it -> it.differing(now))
                    .or(() -> mirror.map(SetMirror::differing))
                    .orElse(-1);
            String problem = source.map(it -> it.problem(now))
                    .or(() -> mirror.map(SetMirror::problem))
                    .orElse("");
            SetStatus told = new SetStatus(name.toString(), side.name(), elements, differing, 0, problem);
            if (told.equal() != equal) {
                equal = told.equal();
                sinceMs = now;
            }
            return new SetStatus(told.set(), told.side(), elements, differing, now - sinceMs, problem);
        }
    }

    /** Hands what was heard to the set concerned; what this side does not expect is an echo of a role that has ended. */
    private final class Heard implements SetCodec.Handler {
        @Override
        public void onElement(long setId, int round, SetChange change, long leftMs) {
            find(setId).flatMap(set -> set.mirror).ifPresent(it -> it.element(round, change, leftMs, nowMs()));
        }

        @Override
        public void onDigest(long setId, int round, int elements, long digest, NftSetInfo info) {
            find(setId).flatMap(set -> set.mirror).ifPresent(it -> it.digest(round, elements, digest, info, nowMs()));
        }

        @Override
        public void onRequest(long setId) {
            find(setId).flatMap(set -> set.source).ifPresent(SetSource::wanted);
        }

        @Override
        public void onState(long setId, int elements, int differing, String problem) {
            find(setId).flatMap(set -> set.source).ifPresent(it -> it.peer(elements, differing, problem, nowMs()));
        }

        @Override
        public void onMalformed() {
            counters.malformed.increment();
        }

        private Optional<Mirrored> find(long setId) {
            return sets.stream().filter(set -> set.name.id() == setId).findFirst();
        }
    }
}
