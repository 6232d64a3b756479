/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.protocol.RoleEffect;
import io.twinwall.protocol.Takeover;
import java.util.ArrayList;
import java.util.List;

/** What a journal told its listener. */
final class Told implements RoleJournal.Listener {
    private final List<Object> all = new ArrayList<>();

    List<Object> all() {
        return all;
    }

    @Override
    public void onAlarm(RoleEffect.Alarm alarm) {
        all.add(alarm);
    }

    @Override
    public void onTakeover(Takeover takeover) {
        all.add(takeover);
    }

    @Override
    public void onLossWindow(long lengthNs, long flowsRepaired) {
        all.add(lengthNs + " " + flowsRepaired);
    }
}
