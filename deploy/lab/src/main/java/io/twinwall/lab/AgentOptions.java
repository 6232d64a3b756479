/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

/**
 * What a lab's agents are configured to do.
 *
 * @param sync false for the control: roles move, flows do not
 * @param profile timing profile: calm, fast or extreme
 * @param flowsMax flows the agents' tables shall hold
 * @param fence when-peer-ready, strict or off
 * @param paths heartbeats over sync link, LAN and WAN; false: over the sync link only
 * @param trackers links of LAN and WAN are tracked and VIPs probed before a takeover; false for a program that cannot
 */
public record AgentOptions(boolean sync, String profile, int flowsMax, String fence, boolean paths, boolean trackers) {
    private static final int FLOWS_MAX = 1 << 20;

    /** What the demonstrations run with: synchronised, fenced, fast; heartbeats over all links, tracked. */
    public static AgentOptions defaults() {
        return new AgentOptions(true, "fast", FLOWS_MAX, "when-peer-ready", true, true);
    }

    public AgentOptions withSync(boolean value) {
        return new AgentOptions(value, profile, flowsMax, fence, paths, trackers);
    }

    public AgentOptions withProfile(String value) {
        return new AgentOptions(sync, value, flowsMax, fence, paths, trackers);
    }

    public AgentOptions withFence(String value) {
        return new AgentOptions(sync, profile, flowsMax, value, paths, trackers);
    }

    public AgentOptions withPaths(boolean value) {
        return new AgentOptions(sync, profile, flowsMax, fence, value, trackers);
    }

    public AgentOptions withTrackers(boolean value) {
        return new AgentOptions(sync, profile, flowsMax, fence, paths, value);
    }
}
