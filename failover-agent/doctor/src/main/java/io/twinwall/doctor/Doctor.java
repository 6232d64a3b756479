/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.doctor;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Looks at everything that makes pairs fail, one exam after the other. A question that the host does not answer is a finding,
 * and the next exam goes on. On the caller's thread; about a second while a daemon runs.
 */
public final class Doctor {
    /** An exam, and what it is about in a sentence. */
    private record Subject(String words, Exam exam) {}

    private static final List<Subject> SUBJECTS = List.of(
            new Subject("the version of the kernel", new KernelExam()),
            new Subject("conntrack over netlink", new FeatureExam(Host.Feature.CONNTRACK_NETLINK)),
            new Subject("the lease", new FeatureExam(Host.Feature.LEASE)),
            new Subject("packet sockets", new FeatureExam(Host.Feature.PACKET_SOCKET)),
            new Subject("helpers", new HelperExam()),
            new Subject("Java", new JavaExam()),
            new Subject("capabilities", new RightsExam()),
            new Subject("settings of conntrack", new ConntrackExam()),
            new Subject("room for flows", new RoomExam()),
            new Subject("forwarding", new ForwardingExam()),
            new Subject("rp_filter", new ReversePathExam()),
            new Subject("ARP", new ArpExam()),
            new Subject("addresses of services", new NonlocalBindExam()),
            new Subject("virtual addresses", new VipExam()),
            new Subject("neighbours", new HopExam()),
            new Subject("paths", new PathExam()),
            new Subject("the MTU of the stream", new MtuExam()),
            new Subject("rules for the pair's own packets", new LinkRulesExam()),
            new Subject("masquerading", new MasqueradeExam()),
            new Subject("REJECT", new RejectExam()),
            new Subject("flowtables", new FlowtableExam()),
            new Subject("the lease's tables", new LeaseExam()),
            new Subject("mirrored sets", new SetsExam()),
            new Subject("tables of iptables", new LegacyExam()),
            new Subject("the key file", new KeyExam()),
            new Subject("files of the configuration", new NamedFilesExam()),
            new Subject("directories", new DirectoriesExam()),
            new Subject("hooks and scripts", new ProgramsExam()),
            new Subject("the clock", new ClockExam()),
            new Subject("the daemon", new DaemonExam()),
            new Subject("the peer", new PeerExam()),
            new Subject("replication", new ReplicationExam()),
            new Subject("the event buffer", new BufferExam()),
            new Subject("the stream's sockets", new SocketExam()));

    private Doctor() {}

    public static Diagnosis examine(Host host, Plan plan) {
        Findings found = new Findings();
        Map<String, List<String>> unanswered = new LinkedHashMap<>();
        for (Subject subject : SUBJECTS) {
            try {
                subject.exam().look(host, plan, found);
            } catch (Unanswered e) {
                unanswered
                        .computeIfAbsent(e.getMessage(), why -> new ArrayList<>())
                        .add(subject.words());
            }
        }
        unanswered.forEach((why, subjects) -> notChecked(String.join(", ", subjects), why, found));
        return Diagnosis.of(plan, kernel(host), daemonRuns(host), found.sorted());
    }

    private static void notChecked(String subjects, String why, Findings found) {
        found.warning(
                "not-checked",
                "Not checked: " + subjects + ". " + why + ".",
                "What is not known may be wrong.",
                Remedy.advice(
                        "Run it as root: sudo twinwall doctor. As root already: the reason says what to" + " repair."));
    }

    private static String kernel(Host host) {
        try {
            return host.kernelRelease();
        } catch (Unanswered e) {
            return "";
        }
    }

    private static boolean daemonRuns(Host host) {
        try {
            return host.daemon().isPresent();
        } catch (Unanswered e) {
            // One that does not let itself be asked does run; the exams said why.
            return true;
        }
    }
}
