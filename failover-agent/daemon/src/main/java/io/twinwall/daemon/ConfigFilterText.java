/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.conntracksync.FlowRule;
import io.twinwall.daemon.ConfigFilterBinder.State;
import java.util.Arrays;
import java.util.Map;

/** {@link ConfigText} of the tables {@code [[sync.filter]]}. */
final class ConfigFilterText {
    private ConfigFilterText() {}

    static Map<String, Object> filter(FlowRule rule) {
        Map<String, Object> map = ConfigText.map("action", rule.travels() ? "sync" : "skip");
        if (rule.protocol() != FlowRule.ANY) {
            map.put("protocol", protocol(rule.protocol()));
        }
        if (rule.portMin() != FlowRule.ANY) {
            boolean one = rule.portMin() == rule.portMax();
            map.put("port", one ? (Object) rule.portMin() : rule.portMin() + "-" + rule.portMax());
        }
        rule.source().ifPresent(net -> map.put("source", text(net)));
        rule.destination().ifPresent(net -> map.put("destination", text(net)));
        rule.either().ifPresent(net -> map.put("either", text(net)));
        if (rule.tcpStates() != 0) {
            map.put(
                    "state",
                    Arrays.stream(State.values())
                            .filter(state -> (rule.tcpStates() & state.bit()) != 0)
                            .map(State::text)
                            .toList());
        }
        if (rule.markMask() != 0) {
            String mask = rule.markMask() == -1 ? "" : "/" + hex(rule.markMask());
            map.put("mark", hex(rule.mark()) + mask);
        }
        if (rule.zone() != FlowRule.ANY) {
            map.put("zone", rule.zone());
        }
        if (rule.youngerThanS() != 0) {
            map.put("younger-than-s", rule.youngerThanS());
        }
        return map;
    }

    private static Object protocol(int number) {
        return ConfigFilterBinder.PROTOCOLS.entrySet().stream()
                .filter(entry -> entry.getValue() == number)
                .<Object>map(Map.Entry::getKey)
                .findFirst()
                .orElse(number);
    }

    private static String text(FlowRule.Net net) {
        return new Config.Prefix(net.address(), net.length()).text();
    }

    private static String hex(int value) {
        return "0x" + Integer.toHexString(value);
    }
}
