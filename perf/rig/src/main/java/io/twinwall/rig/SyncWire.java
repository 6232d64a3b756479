/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.rig;

import io.twinwall.lab.FirewallNode;
import io.twinwall.lab.Lab;
import io.twinwall.lab.LabPlan;
import io.twinwall.lab.Shell;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The link between the two firewalls: bytes of Ethernet frames, both ways, as the device counts them. */
final class SyncWire {
    private static final JsonMapper JSON = JsonMapper.shared();

    private SyncWire() {}

    static long bytes(Lab lab) {
        String device = LabPlan.Link.SYNC.device();
        JsonNode stats = JSON.readTree(
                        Shell.run("ip", "-n", lab.namespace(FirewallNode.FW_A), "-s", "-j", "link", "show", device))
                .path(0)
                .path("stats64");
        return stats.at("/rx/bytes").asLong() + stats.at("/tx/bytes").asLong();
    }
}
