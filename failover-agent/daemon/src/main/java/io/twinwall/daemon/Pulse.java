/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.base.NanoClock;
import org.agrona.concurrent.Agent;

/** An agent, and when it last began a cycle: one that hangs in a cycle begins none. */
final class Pulse implements Agent {
    private final Agent agent;
    private final NanoClock clock;
    private volatile long beatNs;

    Pulse(Agent agent, NanoClock clock) {
        this.agent = agent;
        this.clock = clock;
        beatNs = clock.nanoTime();
    }

    /** When the last cycle began, or this was made. Any thread. */
    long beatNs() {
        return beatNs;
    }

    @Override
    public void onStart() {
        agent.onStart();
    }

    @Override
    public int doWork() throws Exception {
        beatNs = clock.nanoTime();
        return agent.doWork();
    }

    @Override
    public void onClose() {
        agent.onClose();
    }

    @Override
    public String roleName() {
        return agent.roleName();
    }
}
