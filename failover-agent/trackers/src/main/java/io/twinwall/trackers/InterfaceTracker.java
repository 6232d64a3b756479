/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.trackers;

import io.twinwall.netlink.RtConst;
import io.twinwall.netlink.RtLink;

/** Judges an interface by what the kernel last said of it; events bring the change at once. */
final class InterfaceTracker extends Tracker {
    // <linux/if.h>: IF_OPER_*; UNKNOWN is what drivers without a notion of it say
    private static final int IF_OPER_UNKNOWN = 0;
    private static final String[] OPER_STATES = {
        "unknown", "notpresent", "down", "lowerlayerdown", "testing", "dormant", "up"
    };

    private final TrackSpec.Interface spec;
    private final LinkTable links;
    private boolean looked;

    InterfaceTracker(TrackSpec.Interface spec, LinkTable links, long nowNs) {
        super(spec, new Judge(1, 1, spec.delayUpNs(), nowNs));
        this.spec = spec;
        this.links = links;
    }

    @Override
    void onLinks(long nowNs) {
        looked = true;
        RtLink link = links.link(spec.interfaceName());
        String trouble = trouble(spec.interfaceName(), link);
        result(trouble.isEmpty(), trouble.isEmpty() ? spec.interfaceName() + " is up" : trouble, nowNs);
    }

    @Override
    void onTime(long nowNs) {
        if (!looked) {
            onLinks(nowNs);
        }
        changed(judge().onTime(nowNs));
    }

    @Override
    long waitNs(long nowNs) {
        return looked ? judge().waitNs(nowNs) : 0;
    }

    /** Why {@code link} cannot be used, or "". */
    static String trouble(String name, RtLink link) {
        if (link == null) {
            return "there is no interface " + name;
        }
        if ((link.flags() & RtConst.IFF_UP) == 0) {
            return name + " is set down";
        }
        if (!link.carrier()) {
            return name + " has no carrier";
        }
        int state = link.operState();
        if (state == RtConst.IF_OPER_UP || state == IF_OPER_UNKNOWN) {
            return "";
        }
        return name + " is in operstate " + (state < OPER_STATES.length ? OPER_STATES[state] : state);
    }
}
