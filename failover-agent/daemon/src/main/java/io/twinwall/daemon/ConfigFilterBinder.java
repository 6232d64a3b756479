/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.conntracksync.FlowRule;
import io.twinwall.conntracksync.FlowRules;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The tables {@code [[sync.filter]]}: each a rule on which flows are replicated. */
final class ConfigFilterBinder {
    /** IP protocols by the names of {@code /etc/protocols}, in the order in which they are shown. */
    static final Map<String, Integer> PROTOCOLS = protocols();

    static final int TCP = 6;

    /** Those whose key is a pair of ports. */
    static final Set<Integer> WITH_PORTS = Set.of(TCP, 17, 33, 132, 136);

    private static final int YEAR_S = 31_536_000;
    private static final Pattern PORTS = Pattern.compile("([0-9]{1,5})-([0-9]{1,5})");
    private static final Pattern MARK =
            Pattern.compile("(0x[0-9a-fA-F]{1,8}|[0-9]{1,10})(?:/(0x[0-9a-fA-F]{1,8}|[0-9]{1,10}))?");
    private static final long U32_MAX = 0xffff_ffffL;

    /** What becomes of the flows that a rule concerns. */
    enum Action implements Config.Word {
        SKIP,
        SYNC
    }

    /** States of a TCP connection that travels, by their number in the kernel: it does once it was answered. */
    enum State implements Config.Word {
        SYN_RECV(2),
        ESTABLISHED(3),
        FIN_WAIT(4),
        CLOSE_WAIT(5),
        LAST_ACK(6),
        TIME_WAIT(7),
        CLOSE(8);

        private final int number;

        State(int number) {
            this.number = number;
        }

        int bit() {
            return 1 << number;
        }
    }

    private record Ports(int min, int max) {}

    /** What a mark is under a mask. */
    record Mark(int value, int mask) {}

    private ConfigFilterBinder() {}

    /** The rule; null when problems were noted. */
    static FlowRule filter(ConfigTable table) {
        Action action = table.word("action", List.of(Action.values()), null);
        FlowRule.Builder rule = new FlowRule.Builder(action == Action.SYNC);
        boolean good = action != null;
        Integer protocol = table.has("protocol") ? table.integerOr("protocol", 0, 255, PROTOCOLS, null) : null;
        good &= table.has("protocol") == (protocol != null);
        if (protocol != null) {
            rule.protocol(protocol);
        }
        good &= ports(table, protocol, rule);
        good &= nets(table, rule);
        good &= states(table, protocol, rule);
        good &= given(
                table, "mark", "a mark, or \"mark/mask\" such as \"0x10/0xf0\"", ConfigFilterBinder::mark, mark -> {
                    rule.mark(mark.value(), mark.mask());
                });
        Integer zone = table.integer("zone", 0, 65_535, FlowRule.ANY);
        Integer youngerThanS = table.integer("younger-than-s", 1, YEAR_S, 0);
        table.done();
        if (!good || zone == null || youngerThanS == null) {
            return null;
        }
        return rule.zone(zone).youngerThanS(youngerThanS).build();
    }

    /** Whether every rule can ever decide, and all fit. */
    static void reached(ConfigTable table, List<ConfigTable> tables, List<FlowRule> rules) {
        if (rules.size() > FlowRules.RULES_MAX) {
            table.wrong("filter", "at most " + FlowRules.RULES_MAX + " tables", rules.size() + " tables");
        }
        for (int i = 0; i < rules.size() - 1; i++) {
            if (rules.get(i) != null && rules.get(i).unconditional()) {
                tables.get(i).warn("action", "conditions, or no table behind", "none: what follows never counts");
                return;
            }
        }
    }

    private static boolean ports(ConfigTable table, Integer protocol, FlowRule.Builder rule) {
        boolean read = given(
                table,
                "port",
                "a port 0..65535, or a range such as \"8000-8099\"",
                found -> {
                    return found instanceof Long number ? ports(number, number) : ports(found);
                },
                ports -> rule.ports(ports.min(), ports.max()));
        if (!table.has("port") || (protocol != null && WITH_PORTS.contains(protocol))) {
            return read;
        }
        table.wrong("port", "a port only beside protocol tcp, udp, sctp, dccp or udplite");
        return false;
    }

    private static Ports ports(Object found) {
        Matcher range = PORTS.matcher(found instanceof String text ? text : "");
        return range.matches() ? ports(Long.parseLong(range.group(1)), Long.parseLong(range.group(2))) : null;
    }

    private static Ports ports(long min, long max) {
        return min >= 0 && min <= max && max <= 65_535 ? new Ports((int) min, (int) max) : null;
    }

    private static boolean nets(ConfigTable table, FlowRule.Builder rule) {
        boolean source = net(table, "source", rule::source);
        boolean destination = net(table, "destination", rule::destination);
        boolean either = net(table, "either", rule::either);
        boolean good = source && destination && either;
        List<String> given = List.of("source", "destination", "either").stream()
                .filter(table::has)
                .toList();
        if (good && given.stream().map(key -> bits(table, key)).distinct().count() > 1) {
            table.wrong(given.getLast(), "nets of one family in one table", "IPv4 and IPv6");
            return false;
        }
        return good;
    }

    private static int bits(ConfigTable table, String key) {
        return table.prefix(key, null).address().getAddress().length;
    }

    /** True unless the key is there and wrong. */
    private static boolean net(ConfigTable table, String key, Consumer<FlowRule.Net> taker) {
        Config.Prefix prefix = table.has(key) ? table.prefix(key, null) : null;
        if (prefix != null) {
            taker.accept(new FlowRule.Net(prefix.address(), prefix.length()));
        }
        return prefix != null || !table.has(key);
    }

    private static boolean states(ConfigTable table, Integer protocol, FlowRule.Builder rule) {
        if (!table.has("state")) {
            return true;
        }
        List<State> states = table.words("state", List.of(State.values()));
        if (protocol != null && protocol != TCP) {
            table.wrong("state", "a state only where protocol is tcp or absent");
            return false;
        }
        if (states == null) {
            return false;
        }
        rule.tcpStates(states.stream().mapToInt(State::bit).sum());
        return true;
    }

    /** Of a number, or of text such as {@code 0x10/0xf0}; null when it is none. */
    static Mark mark(Object found) {
        if (found instanceof Long number) {
            return number >= 0 && number <= U32_MAX ? new Mark(number.intValue(), -1) : null;
        }
        Matcher parts = MARK.matcher(found instanceof String text ? text : "");
        if (!parts.matches()) {
            return null;
        }
        long value = Long.decode(decimal(parts.group(1)));
        long mask = parts.group(2) == null ? U32_MAX : Long.decode(decimal(parts.group(2)));
        boolean fits = value <= U32_MAX && mask <= U32_MAX && mask != 0 && (value & ~mask) == 0;
        return fits ? new Mark((int) value, (int) mask) : null;
    }

    /** Without the zeros that would make it octal to Java. */
    private static String decimal(String text) {
        return text.startsWith("0x") ? text : text.replaceFirst("^0+(?=.)", "");
    }

    /** Hands on the value of {@code key} if it is there. False when it is wrong. */
    private static <T> boolean given(
            ConfigTable table,
            String key,
            String expected,
            java.util.function.Function<Object, T> bind,
            Consumer<T> taker) {
        if (!table.has(key)) {
            return true;
        }
        T value = table.value(key, expected, null, bind);
        if (value != null) {
            taker.accept(value);
        }
        return value != null;
    }

    private static Map<String, Integer> protocols() {
        Map<String, Integer> all = new LinkedHashMap<>();
        all.put("tcp", TCP);
        all.put("udp", 17);
        all.put("udplite", 136);
        all.put("sctp", 132);
        all.put("dccp", 33);
        all.put("icmp", 1);
        all.put("icmpv6", 58);
        all.put("gre", 47);
        all.put("esp", 50);
        all.put("ah", 51);
        return all;
    }
}
