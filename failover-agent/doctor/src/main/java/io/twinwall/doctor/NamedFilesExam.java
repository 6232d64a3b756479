/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.doctor;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** Whether the files that the configuration names, and itself, are there, kept from others, and not over. */
final class NamedFilesExam implements Exam {
    private static final long SOON_DAYS = 14;

    @Override
    public void look(Host host, Plan plan, Findings found) throws Unanswered {
        configuration(host, plan, found);
        Set<Path> seen = new HashSet<>();
        for (Plan.Kept kept : plan.named().kept()) {
            if (!seen.add(kept.file())) {
                continue;
            }
            Optional<FileFacts> file = host.file(kept.file());
            if (file.isEmpty() || file.get().directory()) {
                Severity severity = severity(kept);
                found.add(
                        severity,
                        "file-missing",
                        "There is no file " + kept.file() + ": " + kept.title() + ".",
                        "What needs it does not work; without a file of [admin.remote] the daemon does not start.",
                        Remedy.advice("Make it, or correct its name in the configuration."));
                continue;
            }
            mode(kept, file.get(), found);
            owner(host, kept.file(), file.get(), found);
            if (kept.care() == Plan.Care.CERTIFICATE) {
                certificate(host, kept, found);
            }
        }
        journal(host, plan, found);
        together(host, plan, found);
    }

    private static void together(Host host, Plan plan, Findings found) throws Unanswered {
        if (plan.named().tls().isEmpty()) {
            return;
        }
        Plan.Tls tls = plan.named().tls().get();
        boolean there = there(host, tls.certificate()) && there(host, tls.key());
        if (there && host.certificateLeftS(tls.certificate()).isPresent()) {
            String problem = host.certificateKeyProblem(tls.certificate(), tls.key());
            if (!problem.isEmpty()) {
                found.error(
                        "certificate-key",
                        tls.certificate() + " and " + tls.key() + " are no certificate and its key: " + problem + ".",
                        "With [admin.remote] the daemon does not start, and a reload goes on with the old ones.",
                        Remedy.advice("Write both, the key in PKCS #8 and not encrypted, then twinwall reload."));
            }
        }
    }

    private static boolean there(Host host, Path path) throws Unanswered {
        return host.file(path).filter(file -> !file.directory()).isPresent();
    }

    /** Without an alert's the pair works; without one of remote admin's the daemon does not start. */
    private static Severity severity(Plan.Kept kept) {
        return switch (kept.care()) {
            case SECRET, PUBLIC -> Severity.WARNING;
            case GROUP_SECRET, CERTIFICATE -> Severity.ERROR;
        };
    }

    private static void configuration(Host host, Plan plan, Findings found) throws Unanswered {
        Path path = plan.files().configuration();
        Optional<FileFacts> file = host.file(path);
        if (file.isEmpty()) {
            return;
        }
        if (file.get().writableByOthers()) {
            found.error(
                    "configuration-open",
                    "Others than its owner may write to the configuration " + path + ".",
                    "It names programs that the daemon runs with its own rights, as a rule root's.",
                    Remedy.run("chmod go-w " + Shell.quoted(path)));
        } else if (plan.named().secretUrls() && file.get().openToOthers()) {
            found.note(
                    "configuration-readable",
                    "Others than its owner may read the configuration " + path + ", which has the URL of a webhook.",
                    "Many services take the URL for the secret: who knows it may post.",
                    Remedy.run("chmod 600 " + Shell.quoted(path)));
        }
        owner(host, path, file.get(), found);
    }

    private static void mode(Plan.Kept kept, FileFacts file, Findings found) {
        boolean open = switch (kept.care()) {
            case SECRET -> !file.ownersAlone();
            case GROUP_SECRET -> file.openBeyondGroup();
            case PUBLIC, CERTIFICATE -> false;
        };
        if (open) {
            Severity severity = severity(kept);
            found.add(
                    severity,
                    "secret-mode",
                    "The file " + kept.file() + " has mode " + file.mode() + ": " + kept.title()
                            + " is open to others.",
                    "It is not used: an alert that needs it is not told, and for [admin.remote] the daemon does not"
                            + " start.",
                    Remedy.run("chmod 600 " + Shell.quoted(kept.file()))
                            .saying("If somebody may have read it, replace what is in it."));
        } else if (file.writableByOthers()) {
            found.error(
                    "file-open",
                    "Others than its owner may write to " + kept.file() + ": " + kept.title() + ".",
                    "They can put another in its place, and be trusted for it.",
                    Remedy.run("chmod go-w " + Shell.quoted(kept.file())));
        }
    }

    /** Root's are as good as the agent's own. Whoever asks without being root is not the agent. */
    private static void owner(Host host, Path path, FileFacts file, Findings found) throws Unanswered {
        Rights rights = host.rights();
        boolean agent = rights.daemon() || rights.uid() == 0;
        if (agent && file.uid() != rights.uid() && file.uid() != 0) {
            String agents = rights.uid() == 0 ? "root" : String.valueOf(rights.uid());
            found.warning(
                    "file-owner",
                    "The file " + path + " belongs to user " + file.uid() + ", neither to root nor to the agent's.",
                    "That user can read and replace it, whatever its mode.",
                    Remedy.run("chown " + agents + " " + Shell.quoted(path)));
        }
    }

    private static void certificate(Host host, Plan.Kept kept, Findings found) throws Unanswered {
        OptionalLong leftS = host.certificateLeftS(kept.file());
        Remedy renew = Remedy.advice("Write a new certificate and its key, then twinwall reload.");
        if (leftS.isEmpty()) {
            found.error(
                    "certificate-malformed",
                    "There is no certificate in " + kept.file() + ".",
                    "With [admin.remote] the daemon does not start.",
                    Remedy.advice("It is to be PEM, the node's own certificate first."));
        } else if (leftS.getAsLong() <= 0) {
            found.error(
                    "certificate-over",
                    "The certificate " + kept.file() + " is over, for " + days(-leftS.getAsLong()) + " days.",
                    "Clients that check it, as they should, do not talk to this node.",
                    renew);
        } else if (leftS.getAsLong() < TimeUnit.DAYS.toSeconds(SOON_DAYS)) {
            found.warning(
                    "certificate-ends",
                    "The certificate " + kept.file() + " ends in " + days(leftS.getAsLong()) + " days.",
                    "Then clients that check it, as they should, do not talk to this node.",
                    renew);
        }
    }

    private static long days(long seconds) {
        return TimeUnit.SECONDS.toDays(seconds);
    }

    private static void journal(Host host, Plan plan, Findings found) throws Unanswered {
        if (plan.named().journal().isEmpty()) {
            return;
        }
        Path journal = plan.named().journal().get();
        if (host.file(journal).filter(file -> !file.ownersAlone()).isPresent()) {
            found.warning(
                    "journal-directory",
                    "Others than its owner may look into " + journal + ", where the journal is.",
                    "It tells every connection of the pair, and has the configuration with what may be secret in it.",
                    Remedy.run("chmod 700 " + Shell.quoted(journal)));
        }
    }
}
