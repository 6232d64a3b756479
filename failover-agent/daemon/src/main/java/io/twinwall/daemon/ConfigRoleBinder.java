/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.daemon.Config.Policy;
import io.twinwall.daemon.Config.When;
import java.util.List;

/** The tables on when roles change and who is told: {@code takeover}, {@code fail-back}, {@code flap}, {@code hook}. */
final class ConfigRoleBinder {
    private ConfigRoleBinder() {}

    static Config.Takeover takeover(ConfigTable table) {
        Boolean probeVips = table.bool("probe-vips", true);
        Integer countdownS = table.integer("countdown-s", 0, 3_600, 0);
        table.done();
        return probeVips == null || countdownS == null ? null : new Config.Takeover(probeVips, countdownS);
    }

    static Config.FailBack failBack(ConfigTable table) {
        Policy policy = table.word("policy", List.of(Policy.values()), Policy.NEVER);
        Integer delayS = table.integer("delay-s", 0, 86_400, 60);
        table.done();
        return policy == null || delayS == null ? null : new Config.FailBack(policy, delayS);
    }

    static Config.Flap flap(ConfigTable table) {
        Integer max = table.integer("max", 1, 100, 6);
        Integer windowS = table.integer("window-s", 1, 86_400, 600);
        Integer holdS = table.integer("hold-s", 1, 86_400, 600);
        table.done();
        return max == null || windowS == null || holdS == null ? null : new Config.Flap(max, windowS, holdS);
    }

    static Config.Hook hook(ConfigTable table) {
        List<When> on = table.words("on", List.of(When.values()));
        List<String> command = table.command("command");
        Integer timeoutMs = table.integer("timeout-ms", 1, 600_000, 10_000);
        Boolean before = table.bool("before", false);
        table.done();
        return on == null || command == null || timeoutMs == null || before == null
                ? null
                : new Config.Hook(on, command, timeoutMs, before);
    }
}
