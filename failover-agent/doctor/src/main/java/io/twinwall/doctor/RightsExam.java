/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.doctor;

import java.util.ArrayList;
import java.util.List;

/** Whether the agent may do what it does: the daemon that runs, or whoever would start one now. */
final class RightsExam implements Exam {
    @Override
    public void look(Host host, Plan plan, Findings found) throws Unanswered {
        Rights rights = host.rights();
        if (!rights.has(Rights.CAP_NET_ADMIN)) {
            found.error(
                    "capability-net-admin",
                    who(rights) + " lacks CAP_NET_ADMIN.",
                    "It can neither read and make flows, nor set addresses, nor guard them; and its event buffer"
                            + " (SO_RCVBUFFORCE) is no larger than net.core.rmem_max, which else counts for the stream alone.",
                    remedy(rights));
        }
        if (!rights.has(Rights.CAP_NET_RAW)) {
            found.error(
                    "capability-net-raw",
                    who(rights) + " lacks CAP_NET_RAW.",
                    "It can neither announce addresses nor ask for them.",
                    remedy(rights));
        }
        List<String> missing = new ArrayList<>();
        if (!rights.has(Rights.CAP_SYS_NICE)) {
            missing.add("CAP_SYS_NICE");
        }
        if (!rights.has(Rights.CAP_IPC_LOCK)) {
            missing.add("CAP_IPC_LOCK");
        }
        if (!missing.isEmpty() && rights.has(Rights.CAP_NET_ADMIN)) {
            found.note(
                    "capability-real-time",
                    who(rights) + " lacks " + String.join(" and ", missing) + ".",
                    "On a busy host heartbeats may come late, and a late active loses its role.",
                    remedy(rights));
        }
    }

    private static String who(Rights rights) {
        return rights.daemon() ? "The daemon (process " + rights.pid() + ")" : "This user";
    }

    private static Remedy remedy(Rights rights) {
        return rights.daemon()
                ? Remedy.advice("Run it as root, or add the capability: AmbientCapabilities= in a unit of systemd,"
                        + " --cap-add for a container.")
                : Remedy.run("sudo twinwall doctor")
                        .saying("As root the doctor sees what the daemon would see; a daemon needs the same.");
    }
}
