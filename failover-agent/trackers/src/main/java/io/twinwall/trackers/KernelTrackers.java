/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.trackers;

/** Makes the trackers that ask the real kernel. */
final class KernelTrackers implements Bench.Maker {
    private final NetView net;

    KernelTrackers(NetView net) {
        this.net = net;
    }

    @Override
    public Tracker make(TrackSpec spec, long nowNs) {
        return switch (spec) {
            case TrackSpec.Interface track -> new InterfaceTracker(track, net, nowNs);
            case TrackSpec.Address track -> new AddressTracker(track, net, new KernelProbes(track, net), nowNs);
            case TrackSpec.Process track -> new ProcessTracker(track, new ProcFs(), nowNs);
            case TrackSpec.TcpPort track -> new TcpTracker(track, new KernelConnector(track, net), nowNs);
            case TrackSpec.Script track -> new ScriptTracker(track, () -> KernelScript.start(track.argv()), nowNs);
        };
    }
}
