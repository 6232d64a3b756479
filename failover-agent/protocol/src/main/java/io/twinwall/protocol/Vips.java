/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.protocol;

import io.twinwall.protocol.Takeover.Phase;
import java.util.ArrayList;

/**
 * A master's addresses: added with the takeover, prolonged while the gate is open, and tried again when they could not be
 * added, later each time. Those of one interface may fail while the others serve, for as long as that interface is missing; so
 * they are prolonged all the same, and each problem is alarmed once.
 */
final class Vips {
    private static final long RETRY_NS = 1_000_000_000L;
    private static final long RETRY_NS_MAX = 30_000_000_000L;
    private static final int RETRY_DOUBLINGS = 5;
    private static final int TOLD_MAX = 8;

    private Vips() {}

    /** A master's beat. */
    static void keep(Draft d) {
        mend(d);
        refresh(d);
    }

    static void add(Draft d, long token) {
        d.vipsToken = token;
        d.vipsArmed = d.gate.armed();
        d.refreshAtNs = d.nowNs + d.config.limits().refreshVipsNs();
        d.emit(new RoleEffect.AddVips(token, d.vipsArmed));
    }

    /** A takeover begins: what was wrong before is news again. */
    static void begin(Draft d) {
        d.vipsHeld = false;
        d.vipsFailures = 0;
        d.vipsMissing = false;
        d.vipsTold = new ArrayList<>();
    }

    /** The answer to {@link #add}. True when it tells of a problem that was not told yet. */
    static boolean added(Draft d, boolean ok, String detail) {
        if (ok) {
            begin(d);
            d.vipsHeld = true;
            return false;
        }
        d.vipsHeld = false;
        d.vipsFailures++;
        d.retryAtNs = d.nowNs + retryNs(d);
        return news(d, detail);
    }

    /** The answer to a prolongation. True when it tells of a problem that was not told yet. */
    static boolean refreshed(Draft d, boolean ok, String detail) {
        if (ok) {
            // What was missing is there again; what goes with it, routes and announcements, comes with the next try.
            d.retryAtNs = d.vipsMissing ? d.nowNs : d.retryAtNs;
            d.vipsMissing = false;
            return false;
        }
        d.vipsMissing = true;
        // Addresses that cannot be prolonged are not there any more.
        d.vipsHeld = false;
        return news(d, detail);
    }

    private static boolean news(Draft d, String detail) {
        if (d.vipsTold.contains(detail)) {
            return false;
        }
        if (d.vipsTold.size() == TOLD_MAX) {
            d.vipsTold.removeFirst();
        }
        d.vipsTold.add(detail);
        return true;
    }

    private static long retryNs(Draft d) {
        // It may have been a moment's failure: once more with the next beat.
        if (d.vipsFailures <= 1) {
            return 0;
        }
        int doublings = Math.min(d.vipsFailures - 2, RETRY_DOUBLINGS);
        return Math.min(RETRY_NS_MAX, RETRY_NS << doublings);
    }

    private static void mend(Draft d) {
        boolean adding = d.work instanceof Work.TakingOver t && t.phase() != Phase.TIMEOUTS;
        if (!d.vipsHeld && !adding && d.nowNs >= d.retryAtNs) {
            // Should no answer come.
            d.retryAtNs = d.nowNs + Math.max(RETRY_NS, retryNs(d));
            add(d, d.token());
            Takeovers.startRounds(d);
        }
    }

    /** The addresses live on with the gate, also when not all of them could be added. */
    private static void refresh(Draft d) {
        boolean some = d.vipsHeld || d.vipsFailures > 0;
        boolean due = d.nowNs >= d.refreshAtNs || d.vipsArmed != d.gate.armed();
        if (some && due && d.gate.open(d.nowNs)) {
            d.vipsArmed = d.gate.armed();
            d.refreshAtNs = d.nowNs + d.config.limits().refreshVipsNs();
            d.emit(new RoleEffect.RefreshVips(d.token(), d.vipsArmed));
        }
    }
}
