/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import io.twinwall.base.Check;
import java.net.InetAddress;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * One rule on which flows are replicated. It concerns the flows that meet all its conditions; the first rule that
 * concerns a flow decides, and a flow that none concerns travels. Addresses, ports and protocol are those of the original
 * tuple: as the client sent its packets, before any translation.
 *
 * @param travels whether the flows it concerns are replicated
 * @param protocol IP protocol 0..255, or {@link #ANY}
 * @param portMin least destination port, 0..65535, or {@link #ANY}
 * @param portMax greatest
 * @param source net of the client
 * @param destination net that it spoke to
 * @param either net of one of the two at least
 * @param tcpStates bits {@code 1 << TCP_CONNTRACK_*}, of which a TCP connection has to be in one; 0: of whatever state
 * @param mark what the mark is under {@code markMask}
 * @param markMask 0: whatever the mark
 * @param zone 0..65535, 0 for flows in no zone, or {@link #ANY}
 * @param youngerThanS only as long as the flow is younger; 0: however old
 */
public record FlowRule(
        boolean travels,
        int protocol,
        int portMin,
        int portMax,
        Optional<Net> source,
        Optional<Net> destination,
        Optional<Net> either,
        int tcpStates,
        int mark,
        int markMask,
        int zone,
        int youngerThanS) {
    public static final int ANY = -1;

    public FlowRule {
        Check.that((portMin == ANY) == (portMax == ANY) && portMin <= portMax, "ports of a rule");
        Check.that(portMin == ANY || protocol != ANY, "ports of no protocol");
        Check.that((mark & ~markMask) == 0, "a mark that its mask excludes");
    }

    /** A net: the bits of {@code address} beyond {@code length} are 0. */
    public record Net(InetAddress address, int length) {}

    /** True when it may concern a flow now and not later, or the other way round. */
    boolean changeable() {
        return tcpStates != 0 || markMask != 0 || youngerThanS != 0;
    }

    /** Those that are given. */
    Stream<Net> nets() {
        return Stream.of(source, destination, either).flatMap(Optional::stream);
    }

    /** True when it concerns every flow. */
    public boolean unconditional() {
        return equals(new Builder(travels).build());
    }

    /** Makes a rule, condition by condition; none given: it concerns every flow. */
    public static final class Builder {
        private final boolean travels;
        private int protocol = ANY;
        private int portMin = ANY;
        private int portMax = ANY;
        private Optional<Net> source = Optional.empty();
        private Optional<Net> destination = Optional.empty();
        private Optional<Net> either = Optional.empty();
        private int tcpStates;
        private int mark;
        private int markMask;
        private int zone = ANY;
        private int youngerThanS;

        public Builder(boolean travels) {
            this.travels = travels;
        }

        public Builder protocol(int only) {
            protocol = only;
            return this;
        }

        public Builder ports(int min, int max) {
            portMin = min;
            portMax = max;
            return this;
        }

        public Builder source(Net net) {
            source = Optional.of(net);
            return this;
        }

        public Builder destination(Net net) {
            destination = Optional.of(net);
            return this;
        }

        public Builder either(Net net) {
            either = Optional.of(net);
            return this;
        }

        public Builder tcpStates(int bits) {
            tcpStates = bits;
            return this;
        }

        public Builder mark(int value, int mask) {
            mark = value;
            markMask = mask;
            return this;
        }

        public Builder zone(int only) {
            zone = only;
            return this;
        }

        public Builder youngerThanS(int seconds) {
            youngerThanS = seconds;
            return this;
        }

        public FlowRule build() {
            return new FlowRule(
                    travels,
                    protocol,
                    portMin,
                    portMax,
                    source,
                    destination,
                    either,
                    tcpStates,
                    mark,
                    markMask,
                    zone,
                    youngerThanS);
        }
    }
}
