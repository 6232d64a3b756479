/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.doctor;

import java.nio.file.Path;
import java.util.Optional;

/** Whether the key file is there, nobody else's to read or replace, and a key. */
final class KeyExam implements Exam {
    @Override
    public void look(Host host, Plan plan, Findings found) throws Unanswered {
        Path key = plan.files().key();
        Optional<FileFacts> file = host.file(key);
        if (file.isEmpty()) {
            found.error(
                    "key-missing",
                    "There is no cluster key " + key + ".",
                    "The daemon does not start.",
                    Remedy.run("(umask 077; openssl rand -hex 32 > " + Shell.quoted(key) + ")")
                            .saying("On one node only; then copy the file to the other, mode 0600."));
            return;
        }
        if (file.get().openToOthers()) {
            found.error(
                    "key-mode",
                    "The cluster key " + key + " has mode " + file.get().mode() + ": it is open to others.",
                    "Who reads it can read the stream and be taken for a node. The daemon does not start.",
                    Remedy.run("chmod 600 " + Shell.quoted(key))
                            .saying("If somebody may have read it: stop both nodes, make a new key, start both."));
        }
        owner(host, key, file.get(), found);
        directory(host, key, found);
        String problem = host.keyProblem(key);
        if (!problem.isEmpty()) {
            found.error(
                    "key-malformed",
                    "The key file cannot be used: " + problem + ".",
                    "The daemon does not start.",
                    Remedy.advice("Copy the file of the other node, if that is whole (mode 0600); else make a new key:"
                            + " openssl rand -hex 32, the same on both."));
        }
    }

    /** Whoever asks without being root is not the agent, and none runs that could be asked. */
    private static void owner(Host host, Path key, FileFacts file, Findings found) throws Unanswered {
        Rights rights = host.rights();
        boolean agent = rights.daemon() || rights.uid() == 0;
        if (agent && file.uid() != rights.uid()) {
            found.warning(
                    "key-owner",
                    "The cluster key " + key + " belongs to user " + file.uid() + ", not to " + rights.uid()
                            + ", as whom " + (rights.daemon() ? "the daemon" : "this program") + " runs.",
                    "That user can read and replace it.",
                    Remedy.run("chown " + rights.uid() + " " + Shell.quoted(key)));
        }
    }

    private static void directory(Host host, Path key, Findings found) throws Unanswered {
        Path parent = key.toAbsolutePath().getParent();
        if (parent != null && host.file(parent).map(FileFacts::writableByOthers).orElse(false)) {
            found.warning(
                    "key-directory",
                    "Others than its owner may write to " + parent + ", where the cluster key is.",
                    "They can put another key in its place.",
                    Remedy.run("chmod go-w " + Shell.quoted(parent)));
        }
    }
}
