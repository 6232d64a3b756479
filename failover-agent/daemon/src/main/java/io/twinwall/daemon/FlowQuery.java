/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.flowtable.FlowImage;
import io.twinwall.netlink.CtConst;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;

/**
 * Which flows are asked for: what {@code twinwall flows} takes as options and {@code GET /v1/flows} as a query, in
 * conntrack(8)'s words. All conditions must hold. Read on both sides, so that the command line refuses what the daemon
 * would; judging allocates nothing, since a table of a million flows is gone through.
 */
final class FlowQuery implements Predicate<FlowImage> {
    /** A value that only asks whether there is a translation. */
    static final String ANY = "any";

    private static final Map<String, Integer> STATUS = statusBits();
    private static final Map<String, Function<String, Predicate<FlowImage>>> CONDITIONS = conditions();

    private final List<Predicate<FlowImage>> conditions = new ArrayList<>();

    private FlowQuery() {}

    /** The names of conditions. */
    static List<String> names() {
        return List.copyOf(CONDITIONS.keySet());
    }

    /**
     * Reads conditions by their names; other names are not for here.
     *
     * @throws IllegalArgumentException says which value is not what was expected
     */
    static FlowQuery of(Map<String, String> given) {
        FlowQuery query = new FlowQuery();
        CONDITIONS.forEach((name, reader) -> {
            String value = given.get(name);
            if (value != null) {
                query.conditions.add(read(name, value, reader));
            }
        });
        return query;
    }

    private static Predicate<FlowImage> read(String name, String value, Function<String, Predicate<FlowImage>> reader) {
        try {
            return reader.apply(value.strip());
        } catch (Wrong e) {
            throw new IllegalArgumentException(name + ": expected " + e.getMessage() + ", found '" + value + "'", e);
        }
    }

    /** Every flow is asked for. */
    boolean unconditional() {
        return conditions.isEmpty();
    }

    @Override
    public boolean test(FlowImage flow) {
        for (int i = 0; i < conditions.size(); i++) {
            if (!conditions.get(i).test(flow)) {
                return false;
            }
        }
        return true;
    }

    /** What a value should have been. */
    private static final class Wrong extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Wrong(String expected) {
            super(expected, null, false, false);
        }
    }

    private static Map<String, Function<String, Predicate<FlowImage>>> conditions() {
        Map<String, Function<String, Predicate<FlowImage>>> all = new LinkedHashMap<>();
        all.put("family", FlowQuery::family);
        all.put("protocol", FlowQuery::protocol);
        all.put("src", text -> in(net(text), FlowImage::origSrcOffset));
        all.put("dst", text -> in(net(text), FlowImage::origDstOffset));
        all.put("reply-src", text -> in(net(text), FlowImage::replySrcOffset));
        all.put("reply-dst", text -> in(net(text), FlowImage::replyDstOffset));
        all.put("sport", text -> port(text, FlowImage::origSrcPort));
        all.put("dport", text -> port(text, FlowImage::origDstPort));
        all.put("state", FlowQuery::state);
        all.put("status", FlowQuery::status);
        all.put("mark", FlowQuery::mark);
        all.put("zone", FlowQuery::zone);
        all.put("src-nat", text -> translated(text, CtConst.IPS_SRC_NAT, FlowImage::replyDstOffset));
        all.put("dst-nat", text -> translated(text, CtConst.IPS_DST_NAT, FlowImage::replySrcOffset));
        all.put("any-nat", FlowQuery::anyNat);
        return all;
    }

    private static Predicate<FlowImage> family(String text) {
        return switch (text) {
            case "ipv4" -> flow -> !flow.isIpv6();
            case "ipv6" -> FlowImage::isIpv6;
            default -> throw new Wrong("ipv4 or ipv6");
        };
    }

    private static Predicate<FlowImage> protocol(String text) {
        Integer known = ConfigFilterBinder.PROTOCOLS.get(text.toLowerCase(Locale.ROOT));
        int number = known != null
                ? known
                : (int) number(
                        text, 255, "0..255, or one of " + String.join(", ", ConfigFilterBinder.PROTOCOLS.keySet()));
        return flow -> flow.l4proto() == number;
    }

    private static Predicate<FlowImage> port(String text, ToIntFunction<FlowImage> port) {
        String expected = "a port 0..65535, or a range such as 8000-8099";
        int dash = text.indexOf('-');
        long min = number(dash < 0 ? text : text.substring(0, dash), 65_535, expected);
        long max = dash < 0 ? min : number(text.substring(dash + 1), 65_535, expected);
        if (min > max) {
            throw new Wrong(expected);
        }
        return flow -> {
            int value = port.applyAsInt(flow);
            return hasPorts(flow.l4proto()) && value >= min && value <= max;
        };
    }

    /** TCP, UDP, DCCP, SCTP and UDP-Lite. */
    private static boolean hasPorts(int protocol) {
        return switch (protocol) {
            case 6, 17, 33, 132, 136 -> true;
            default -> false;
        };
    }

    private static Predicate<FlowImage> state(String text) {
        String name = text.toUpperCase(Locale.ROOT).replace('-', '_');
        int tcp = FlowsPage.TCP_STATES.indexOf(name);
        int sctp = FlowsPage.SCTP_STATES.indexOf(name);
        if (tcp < 0 && sctp < 0) {
            throw new Wrong("one of " + String.join(", ", FlowsPage.TCP_STATES));
        }
        return flow -> (flow.has(FlowImage.TCP) && flow.tcpState() == tcp)
                || (flow.has(FlowImage.SCTP) && flow.sctpState() == sctp);
    }

    private static Predicate<FlowImage> status(String text) {
        int set = 0;
        int clear = 0;
        for (String word : text.toUpperCase(Locale.ROOT).split(",", -1)) {
            if (word.equals("UNREPLIED")) {
                clear |= CtConst.IPS_SEEN_REPLY;
            } else if (STATUS.containsKey(word)) {
                set |= STATUS.get(word);
            } else {
                throw new Wrong("some of " + String.join(",", STATUS.keySet()) + ",UNREPLIED");
            }
        }
        int wanted = set;
        int unwanted = clear;
        return flow -> (flow.status() & wanted) == wanted && (flow.status() & unwanted) == 0;
    }

    private static Map<String, Integer> statusBits() {
        return new TreeMap<>(Map.of(
                "SEEN_REPLY",
                CtConst.IPS_SEEN_REPLY,
                "ASSURED",
                CtConst.IPS_ASSURED,
                "SRC_NAT",
                CtConst.IPS_SRC_NAT,
                "DST_NAT",
                CtConst.IPS_DST_NAT,
                "FIXED_TIMEOUT",
                CtConst.IPS_FIXED_TIMEOUT));
    }

    private static Predicate<FlowImage> mark(String text) {
        ConfigFilterBinder.Mark mark = ConfigFilterBinder.mark(text);
        if (mark == null) {
            throw new Wrong("a mark, or mark/mask such as 0x10/0xf0");
        }
        return flow -> (flow.mark() & mark.mask()) == mark.value();
    }

    private static Predicate<FlowImage> zone(String text) {
        int zone = (int) number(text, 65_535, "a zone 0..65535");
        return zone == 0
                ? flow -> flow.zoneOrig() == 0 && flow.zoneReply() == 0
                : flow -> flow.zoneOrig() == zone || flow.zoneReply() == zone;
    }

    private static Predicate<FlowImage> translated(String text, int bit, ToIntFunction<FlowImage> offset) {
        Predicate<FlowImage> to = text.equals(ANY) ? flow -> true : in(net(text), offset);
        return flow -> (flow.status() & bit) != 0 && to.test(flow);
    }

    private static Predicate<FlowImage> anyNat(String text) {
        if (!text.equals(ANY)) {
            throw new Wrong("nothing, or " + ANY);
        }
        return flow -> (flow.status() & (CtConst.IPS_SRC_NAT | CtConst.IPS_DST_NAT)) != 0;
    }

    /** A net: the first {@code length} bits of {@code bytes}. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Net(byte[] bytes, int length) {}

    private static Net net(String text) {
        String expected = "an address, or a net such as 10.0.0.0/8";
        int slash = text.indexOf('/');
        InetAddress address = ConfigAddress.address(slash < 0 ? text : text.substring(0, slash));
        if (address == null) {
            throw new Wrong(expected);
        }
        byte[] bytes = address.getAddress();
        int bits = bytes.length * 8;
        return new Net(bytes, slash < 0 ? bits : (int) number(text.substring(slash + 1), bits, expected));
    }

    private static Predicate<FlowImage> in(Net net, ToIntFunction<FlowImage> offset) {
        return flow -> flow.addressBytes() == net.bytes().length && begins(flow, offset.applyAsInt(flow), net);
    }

    private static boolean begins(FlowImage flow, int at, Net net) {
        int whole = net.length() / 8;
        for (int i = 0; i < whole; i++) {
            if (flow.buffer().getByte(at + i) != net.bytes()[i]) {
                return false;
            }
        }
        int rest = net.length() % 8;
        return rest == 0 || ((flow.buffer().getByte(at + whole) ^ net.bytes()[whole]) & 0xff) >> (8 - rest) == 0;
    }

    private static long number(String text, long max, String expected) {
        try {
            long value = Long.parseLong(text);
            if (value >= 0 && value <= max) {
                return value;
            }
        } catch (NumberFormatException e) {
            // Said below.
        }
        throw new Wrong(expected);
    }
}
