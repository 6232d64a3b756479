/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.protocol;

/** When the kernel lease is short, so that a node whose agent is gone stops by itself. */
public enum Fence {
    /** Always, also alone: a lone agent that is killed stops its firewall. */
    STRICT,
    /** While a ready peer can take over; alone, the gate stays open whatever happens to the agent. */
    WHEN_PEER_READY,
    /** Never. */
    OFF
}
