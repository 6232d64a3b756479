/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.sim;

import io.twinwall.conntracksync.ConntrackKernel;
import io.twinwall.netlink.NlConst;
import io.twinwall.netlink.NlTransport;
import io.twinwall.netlink.ScriptedKernel;

/**
 * A machine: what outlives its agent. The kernel's gate, which closes by true time; the addresses; conntrack; and the disk.
 */
final class Host implements ConntrackKernel {
    /** The kernel's timers run in ticks: HZ=250. */
    static final long JIFFY_NS = 4 * World.MS;
    /** The lifetime of addresses added by an armed agent. */
    private static final long VIP_LIFE_NS = 10_000 * World.MS;

    private final World world;
    private final int number;
    private ScriptedKernel kernel = new ScriptedKernel();
    private KernelView view = new KernelView(kernel);
    boolean powered = true;
    /** Until when the machine stands still as a whole. */
    long frozenUntilNs = World.NEVER;

    private long gateUntilNs = World.NEVER;
    private long gateSinceNs = World.NEVER;
    private boolean armed;
    private long vipsUntilNs = World.NEVER;
    private long vipsSinceNs = World.NEVER;
    long storedTerm;
    boolean storedMaintenance;
    /** Until when the kernel has no memory for more flows. */
    long noMemoryUntilNs = World.NEVER;
    /** The kernel that had the last packets is gone. */
    boolean kernelLost;

    Host(World world, int number) {
        this.world = world;
        this.number = number;
    }

    ScriptedKernel kernel() {
        return kernel;
    }

    KernelView view() {
        return view;
    }

    /** Whether packets pass now. */
    boolean gateOpen() {
        return powered && world.now() < gateUntilNs && world.now() >= frozenUntilNs;
    }

    /** Whether the gate in the kernel is open, though the machine may stand still. */
    boolean gateStands() {
        return powered && world.now() < gateUntilNs;
    }

    /** When the gate closes by itself; {@link Long#MAX_VALUE}: never. */
    long gateUntilNs() {
        return gateUntilNs;
    }

    /** Whether the last opening or renewal asked for an end. */
    boolean armed() {
        return armed;
    }

    /** Whether the gate is open and was so since {@code sinceNs}. */
    boolean openSince(long sinceNs) {
        return gateOpen() && Math.max(gateSinceNs, frozenUntilNs) <= sinceNs;
    }

    boolean vips() {
        return powered && world.now() < vipsUntilNs;
    }

    /** Since when it has the addresses, or had them last. */
    long vipsSinceNs() {
        return vipsSinceNs;
    }

    boolean answersSince(long sinceNs) {
        return openSince(sinceNs) && vips() && vipsSinceNs <= sinceNs;
    }

    void openGate(boolean arm, long leaseNs) {
        if (!gateStands()) {
            gateSinceNs = world.now();
        }
        armed = arm;
        boolean ends = arm && world.bug != Bug.LEASE_OFF;
        gateUntilNs = ends ? Math.ceilDiv(world.now() + leaseNs, JIFFY_NS) * JIFFY_NS : Long.MAX_VALUE;
    }

    void closeGate() {
        gateUntilNs = World.NEVER;
    }

    void addVips(boolean arm) {
        vipsSinceNs = vips() ? vipsSinceNs : world.now();
        vipsUntilNs = arm ? world.now() + VIP_LIFE_NS : Long.MAX_VALUE;
    }

    void removeVips() {
        vipsUntilNs = World.NEVER;
    }

    void powerOff() {
        powered = false;
        vipsUntilNs = World.NEVER;
        kernelLost = true;
        gateUntilNs = World.NEVER;
        kernel = new ScriptedKernel();
        view = new KernelView(kernel);
    }

    int number() {
        return number;
    }

    @Override
    public NlTransport events() {
        NlTransport transport = kernel.connect(NlConst.NETLINK_NETFILTER);
        transport.setReceiveBuffer(world.plan.eventBufferBytes());
        return transport;
    }

    @Override
    public NlTransport dumps() {
        return kernel.connect(NlConst.NETLINK_NETFILTER);
    }

    @Override
    public NlTransport injections() {
        return new InjectionTransport(kernel.connect(NlConst.NETLINK_NETFILTER), this, world);
    }
}
