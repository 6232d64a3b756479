/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.daemon.Config.Track;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@link ConfigText} of what decides on the role and follows it. */
final class ConfigFollowersText {
    private ConfigFollowersText() {}

    static void put(Map<String, Object> tree, Config config) {
        Config.Takeover takeover = config.takeover();
        tree.put("takeover", ConfigText.map("probe-vips", takeover.probeVips(), "countdown-s", takeover.countdownS()));
        Config.FailBack failBack = config.failBack();
        tree.put("fail-back", ConfigText.map("policy", failBack.policy().text(), "delay-s", failBack.delayS()));
        Config.Flap flap = config.flap();
        tree.put("flap", ConfigText.map("max", flap.max(), "window-s", flap.windowS(), "hold-s", flap.holdS()));
        tree.put(
                "track",
                config.tracks().stream().map(ConfigFollowersText::track).toList());
        tree.put("hook", config.hooks().stream().map(ConfigFollowersText::hook).toList());
        tree.put(
                "route",
                config.routes().stream().map(ConfigFollowersText::route).toList());
        tree.put("rule", config.rules().stream().map(ConfigFollowersText::rule).toList());
        tree.put("alert", config.alerts().stream().map(ConfigAlertText::alert).toList());
    }

    private static Map<String, Object> track(Track track) {
        Map<String, Object> map = new LinkedHashMap<>();
        switch (track) {
            case Config.TrackInterface one -> {
                map.put("kind", "interface");
                map.put("interface", one.interfaceName());
                map.put("up-delay-ms", one.upDelayMs());
            }
            case Config.TrackAddress one -> {
                map.put("kind", "address");
                map.put("address", ConfigAddress.text(one.address()));
                map.put("method", one.method().text());
                map.put("interface", one.interfaceName());
                judgement(map, one.judgement());
            }
            case Config.TrackProcess one -> {
                map.put("kind", "process");
                one.pidFile().ifPresent(file -> map.put("pid-file", file.toString()));
                one.process().ifPresent(name -> map.put("process", name));
                judgement(map, one.judgement());
            }
            case Config.TrackPort one -> {
                map.put("kind", "port");
                map.put("host", ConfigAddress.text(one.host()));
                map.put("port", one.port());
                judgement(map, one.judgement());
            }
            case Config.TrackScript one -> {
                map.put("kind", "script");
                map.put("command", one.command());
                judgement(map, one.judgement());
            }
        }
        map.put("name", track.name());
        map.put("weight", track.weight() == Track.FAULT ? "fault" : track.weight());
        return map;
    }

    private static void judgement(Map<String, Object> map, Config.Judgement judgement) {
        map.put("interval-ms", judgement.intervalMs());
        map.put("timeout-ms", judgement.timeoutMs());
        map.put("rise", judgement.rise());
        map.put("fall", judgement.fall());
    }

    private static Map<String, Object> hook(Config.Hook hook) {
        List<String> on = hook.on().stream().map(Config.Word::text).toList();
        return ConfigText.map(
                "on", on, "command", hook.command(), "timeout-ms", hook.timeoutMs(), "before", hook.before());
    }

    private static Map<String, Object> route(Config.Route route) {
        Map<String, Object> map = ConfigText.map("to", route.to().text());
        route.via().ifPresent(via -> map.put("via", ConfigAddress.text(via)));
        route.interfaceName().ifPresent(name -> map.put("interface", name));
        map.put("table", route.table());
        map.put("metric", route.metric());
        route.source().ifPresent(source -> map.put("source", ConfigAddress.text(source)));
        return map;
    }

    private static Map<String, Object> rule(Config.Rule rule) {
        Map<String, Object> map = new LinkedHashMap<>();
        rule.from().ifPresent(from -> map.put("from", from.text()));
        rule.to().ifPresent(to -> map.put("to", to.text()));
        if (rule.fwmark() != 0) {
            map.put("fwmark", rule.fwmark());
        }
        map.put("table", rule.table());
        map.put("priority", rule.priority());
        return map;
    }
}
