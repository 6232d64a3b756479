/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.admin.AdminClient;
import io.twinwall.base.ExitCode;
import io.twinwall.base.Fatal;
import io.twinwall.doctor.LinuxHost;
import io.twinwall.doctor.Running;
import io.twinwall.doctor.Unanswered;
import java.net.ConnectException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** Asks the daemon, over its socket, what only it knows. That none runs is an answer; that one hangs is not. */
final class DoctorDaemon implements LinuxHost.DaemonPort {
    private static final Duration TIMEOUT = Duration.ofSeconds(5);

    private final Path socket;

    DoctorDaemon(Path socket) {
        this.socket = socket;
    }

    @Override
    public Optional<Running> ask() throws Unanswered {
        try {
            AdminClient.Reply reply = new AdminClient(socket, TIMEOUT).get("/v1/status");
            return Optional.of(running(CliClient.read(reply, CliStatus.class)));
        } catch (Fatal e) {
            boolean nobody = !Files.exists(socket) || e.getCause() instanceof ConnectException;
            if (e.exitCode() == ExitCode.UNAVAILABLE && nobody) {
                return Optional.empty();
            }
            throw new Unanswered("The daemon does not answer: " + e.getMessage(), e);
        }
    }

    /** A daemon of an earlier version tells less. */
    static Running running(CliStatus status) {
        CliStatus.Peer peer = status.peer();
        return new Running(
                text(status.version()),
                text(status.pairDigest()),
                text(status.configDigest()),
                text(status.role()),
                text(status.readiness()),
                peer == null
                        ? new Running.Peer("the peer", "NEVER_SEEN", "", false)
                        : new Running.Peer(
                                text(peer.name()),
                                text(peer.state()),
                                text(peer.readiness()),
                                peer.hearsMe(),
                                !Boolean.FALSE.equals(peer.sameVersion()),
                                !Boolean.FALSE.equals(peer.samePair()),
                                Objects.requireNonNullElse(peer.clockAheadMs(), 0L)),
                listed(status.paths()).stream()
                        .map(path -> new Running.PathState(text(path.name()), text(path.state()), text(path.problem())))
                        .toList(),
                status.counters() == null ? Map.of() : status.counters(),
                listed(status.alarms()).stream()
                        .filter(CliStatus.Alarm::active)
                        .map(alarm -> new Running.Alarm(alarm.code(), alarm.text()))
                        .toList());
    }

    private static String text(String told) {
        return Objects.requireNonNullElse(told, "");
    }

    private static <T> List<T> listed(List<T> list) {
        return list == null ? List.of() : list;
    }
}
