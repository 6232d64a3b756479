/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.rig;

import io.twinwall.lab.AgentOptions;
import io.twinwall.lab.Lab;
import java.util.List;
import java.util.Locale;

/** The stacks that are measured, each in its own tuning. */
enum Contender {
    /** With the default timing. */
    TWINWALL_FAST("Twinwall, `fast`", false),
    TWINWALL_EXTREME("Twinwall, `extreme`", false),
    /** Advertisements each second, as installed; flows in a cache until a takeover. */
    PEER_DEFAULT("keepalived + conntrackd, default", true),
    /** As short as its advertisements can be made here, in real time. */
    PEER_TUNED("keepalived + conntrackd, adverts 30 ms", true),
    /** As the default, but flows go into the standby's kernel at once. */
    PEER_KERNEL("keepalived + conntrackd, no external cache", true);

    /** Entries that both tables have room for. */
    static final int FLOWS_MAX = 1 << 21;

    private final String title;
    private final boolean peer;

    Contender(String title, boolean peer) {
        this.title = title;
        this.peer = peer;
    }

    String title() {
        return title;
    }

    String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Whether this is what the program is compared with. */
    boolean peer() {
        return peer;
    }

    /** Starts it in {@code lab}; {@code program} starts this project's agent. */
    Stack open(Lab lab, List<String> program) {
        return switch (this) {
            case TWINWALL_FAST -> twinwall(lab, program, "fast");
            case TWINWALL_EXTREME -> twinwall(lab, program, "extreme");
            case PEER_DEFAULT -> new PeerStack(lab, new PeerTuning(2, "1", false, false));
            case PEER_TUNED -> new PeerStack(lab, new PeerTuning(3, "0.03", true, false));
            case PEER_KERNEL -> new PeerStack(lab, new PeerTuning(2, "1", false, true));
        };
    }

    private static Stack twinwall(Lab lab, List<String> program, String profile) {
        return new TwinwallStack(
                lab, program, AgentOptions.defaults().withProfile(profile).withFlowsMax(FLOWS_MAX));
    }
}
