/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.trackers;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Specs as the tests want them: quick, one try decides. */
final class Specs {
    static final Timing QUICK = timing(1, 1);

    private Specs() {}

    static Timing timing(int rise, int fall) {
        return Timing.of(Duration.ofMillis(100), Duration.ofMillis(60), rise, fall);
    }

    static InetAddress ip(String text) {
        try {
            return InetAddress.getByName(text);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }

    static TrackSpec.Interface link(String name, int weight, String device) {
        return new TrackSpec.Interface(name, Penalty.weight(weight), device, 0);
    }

    static TrackSpec.Address address(String name, TrackSpec.Method method, String target) {
        return address(name, method, target, QUICK);
    }

    static TrackSpec.Address address(String name, TrackSpec.Method method, String target, Timing timing) {
        return new TrackSpec.Address(name, Penalty.weight(20), timing, method, ip(target), "lan0");
    }

    static TrackSpec.Process comm(String name, String comm) {
        return new TrackSpec.Process(name, Penalty.weight(30), QUICK, new TrackSpec.Comm(comm));
    }

    static TrackSpec.Process pidFile(String name, Path file) {
        return new TrackSpec.Process(name, Penalty.weight(30), QUICK, new TrackSpec.PidFile(file));
    }

    static TrackSpec.TcpPort tcp(String name, String address, int port) {
        return new TrackSpec.TcpPort(name, Penalty.weight(40), QUICK, ip(address), port);
    }

    static TrackSpec.Script script(String name, Timing timing, String... argv) {
        return new TrackSpec.Script(name, Penalty.FAULT, timing, List.of(argv));
    }
}
