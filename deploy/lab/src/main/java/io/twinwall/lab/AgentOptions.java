/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

/**
 * What a lab's agents are configured with, beyond the lab's own addresses.
 *
 * @param sync false for the control: roles move, flows do not
 * @param profile timing profile: calm, fast or extreme
 * @param flowsMax flows the agents' tables shall hold
 * @param fence when-peer-ready, strict or off
 * @param heartbeats the ways they go
 * @param trackers links of LAN and WAN are tracked and VIPs probed before a takeover; false for a program that cannot
 * @param more tables at the end of both configuration files
 * @param syncMore keys and tables at the end of their table sync; OWN and PEER stand for the nodes' ids
 * @param eventBufferMb the kernel's queue of flow events
 */
public record AgentOptions(
        boolean sync,
        String profile,
        int flowsMax,
        String fence,
        Heartbeats heartbeats,
        boolean trackers,
        String more,
        String syncMore,
        int eventBufferMb) {
    private static final int FLOWS_MAX = 1 << 20;
    private static final int EVENT_BUFFER_MB = 64;

    /** Which ways heartbeats go. */
    public enum Heartbeats {
        /** Over sync link, LAN and WAN. */
        ALL,
        /** Over the sync link by IPv6 alone; the stream of flows too. */
        IPV6,
        /** Over a {@link SerialLine} alone. */
        SERIAL
    }

    /** Synchronised, fenced, calm; heartbeats over all links, tracked. */
    public static AgentOptions defaults() {
        return new AgentOptions(
                true, "calm", FLOWS_MAX, "when-peer-ready", Heartbeats.ALL, true, "", "", EVENT_BUFFER_MB);
    }

    public AgentOptions withFlowsMax(int value) {
        return new AgentOptions(sync, profile, value, fence, heartbeats, trackers, more, syncMore, eventBufferMb);
    }

    public AgentOptions withSync(boolean value) {
        return new AgentOptions(value, profile, flowsMax, fence, heartbeats, trackers, more, syncMore, eventBufferMb);
    }

    public AgentOptions withProfile(String value) {
        return new AgentOptions(sync, value, flowsMax, fence, heartbeats, trackers, more, syncMore, eventBufferMb);
    }

    public AgentOptions withFence(String value) {
        return new AgentOptions(sync, profile, flowsMax, value, heartbeats, trackers, more, syncMore, eventBufferMb);
    }

    public AgentOptions withHeartbeats(Heartbeats value) {
        return new AgentOptions(sync, profile, flowsMax, fence, value, trackers, more, syncMore, eventBufferMb);
    }

    public AgentOptions withTrackers(boolean value) {
        return new AgentOptions(sync, profile, flowsMax, fence, heartbeats, value, more, syncMore, eventBufferMb);
    }

    public AgentOptions withMore(String toml) {
        return new AgentOptions(sync, profile, flowsMax, fence, heartbeats, trackers, toml, syncMore, eventBufferMb);
    }

    public AgentOptions withEventBufferMb(int value) {
        return new AgentOptions(sync, profile, flowsMax, fence, heartbeats, trackers, more, syncMore, value);
    }

    public AgentOptions withSyncMore(String lines) {
        return new AgentOptions(sync, profile, flowsMax, fence, heartbeats, trackers, more, lines, eventBufferMb);
    }
}
