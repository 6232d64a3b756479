/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.doctor;

import io.twinwall.netlink.RtAddress;
import io.twinwall.netlink.RtLink;
import io.twinwall.netlink.RtNeighbour;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * The port between the exams and a host: {@link LinuxHost} is the real one. Every question may go unanswered; none changes
 * anything. One thread.
 */
public interface Host {
    /** What a kernel may lack. */
    enum Feature {
        /** Flows can be listened to, listed and made. */
        CONNTRACK_NETLINK,
        /** The lease's tables: ingress of devices, sets that packets change. */
        LEASE,
        /** Packets can be sent whole, as announcements of addresses must be. */
        PACKET_SOCKET
    }

    /** The kernel's release, {@code 6.1.0-18-amd64}. */
    String kernelRelease() throws Unanswered;

    /** Why the kernel cannot do it, or "". */
    String lacking(Feature feature) throws Unanswered;

    /** Modules that are loaded or built in, by their names with underscores. */
    Set<String> modules() throws Unanswered;

    /** The major version of the Java that runs this. */
    int javaVersion();

    /** A setting below {@code /proc/sys}, by its path with slashes; nothing where the kernel has none by that name. */
    Optional<String> sysctl(String path) throws Unanswered;

    /** Conntrack's counters of all processors together, by their names in {@code /proc/net/stat/nf_conntrack}. */
    Map<String, Long> conntrackCounters() throws Unanswered;

    /** Interfaces of this network namespace. */
    List<RtLink> links() throws Unanswered;

    List<RtAddress> addresses() throws Unanswered;

    List<RtNeighbour> neighbours() throws Unanswered;

    /** All of nf_tables, but for the contents of large sets. */
    Ruleset ruleset() throws Unanswered;

    /** What lies at {@code path}; nothing when nothing does. */
    Optional<FileFacts> file(Path path) throws Unanswered;

    /** Why the file is no cluster key, or "". Its mode is not judged. */
    String keyProblem(Path path) throws Unanswered;

    /** How long the first certificate of that file lasts, below 0: since when it is over; nothing when there is none in it. */
    OptionalLong certificateLeftS(Path path) throws Unanswered;

    /** Why {@code key} is not the key of the first certificate in {@code certificate}; "" when it is. */
    String certificateKeyProblem(Path certificate, Path key) throws Unanswered;

    /** The process that is, or would be, the agent. */
    Rights rights() throws Unanswered;

    /** Whether something keeps the clock of day in time with others. */
    boolean clockKept() throws Unanswered;

    /** What the daemon tells; nothing while none runs. */
    Optional<Running> daemon() throws Unanswered;

    /** Conntrack events a second that the daemon reads at the moment; nothing while none runs. Takes half a second. */
    OptionalLong eventsPerSecond() throws Unanswered;
}
