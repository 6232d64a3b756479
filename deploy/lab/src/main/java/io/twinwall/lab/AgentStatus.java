/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** What an agent says of itself ({@code GET /v1/status}), as far as the lab asks. */
public record AgentStatus(JsonNode json) {
    public String role() {
        return json.path("role").asString("");
    }

    public boolean master() {
        return role().equals("MASTER");
    }

    public String readiness() {
        return json.path("readiness").asString("");
    }

    /** Whether the active's kernel closes its gate when its agent is gone; true when it was told never to. */
    public boolean fenced() {
        JsonNode lease = json.path("lease");
        return lease.path("armed").asBoolean(false)
                || lease.path("mode").asString("").equals("off");
    }

    public String peerState() {
        return json.path("peer").path("state").asString("");
    }

    /** When the last takeover was decided, on the clock all processes of the machine share; 0 when there was none. */
    public long takeoverDecidedNs() {
        return json.path("lastTakeover").path("decidedNanoTime").asLong(0);
    }

    /** Whether it is active by a takeover that was decided after {@code sinceNs}, and reports it. */
    public boolean tookOverSince(long sinceNs) {
        return master() && takeoverDecidedNs() - sinceNs >= 0;
    }

    public String takeoverReason() {
        return json.path("lastTakeover").path("reason").asString("");
    }

    /** Duration of each step of the last takeover in milliseconds, in the agent's order. */
    public Map<String, Double> takeoverPhasesMs() {
        Map<String, Double> phases = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> phase :
                json.path("lastTakeover").path("phases").properties()) {
            phases.put(phase.getKey(), phase.getValue().asDouble(0));
        }
        return phases;
    }

    /** Flows that the last takeover found mirrored, had put into the kernel, and that the kernel refused. */
    public String takeoverFlows() {
        JsonNode flows = json.path("lastTakeover").path("flows");
        return "mirrored " + flows.path("mirrored").asLong(0) + ", installed "
                + flows.path("installed").asLong(0) + ", refused "
                + flows.path("refused").asLong(0);
    }
}
