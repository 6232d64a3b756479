/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.doctor;

import java.nio.file.Path;
import java.util.Optional;

/** Whether what must last lies where it lasts, what must be quick in memory, and nobody else may write there. */
final class DirectoriesExam implements Exam {
    private static final Path STATE = Path.of("/var/lib/twinwall");
    private static final Path RUNTIME = Path.of("/dev/shm/twinwall");

    @Override
    public void look(Host host, Plan plan, Findings found) throws Unanswered {
        Plan.Files files = plan.files();
        state(host, files, found);
        Optional<FileFacts> runtime = nearest(host, files.runtimeDirectory());
        if (runtime.isPresent() && !runtime.get().inMemory()) {
            found.note(
                    "runtime-on-disk",
                    "The runtime directory " + files.runtimeDirectory() + " lies on "
                            + runtime.get().fileSystem() + ", not in memory.",
                    "The stream's buffers are files there: a busy disk then holds replication up.",
                    move(files, "runtime", RUNTIME).saying("Then restart the daemon, the passive's first."));
        }
        open(host, files.socket().toAbsolutePath().getParent(), "socket-directory", "the admin socket", found);
        open(host, files.stateDirectory(), "state-directory", "the state file", found);
    }

    private static void state(Host host, Plan.Files files, Findings found) throws Unanswered {
        Optional<FileFacts> state = nearest(host, files.stateDirectory());
        if (state.isPresent() && state.get().inMemory()) {
            found.warning(
                    "state-volatile",
                    "The state directory " + files.stateDirectory() + " lies on "
                            + state.get().fileSystem() + ", in memory.",
                    "After a reboot the node does not know the newest term, nor that it was told to stay out.",
                    files.stateDirectory().equals(STATE)
                            ? Remedy.advice("Name a directory on a disk as state.directory, and restart the daemon.")
                            : move(files, "state", STATE)
                                    .saying("Then restart the daemon; an active hands over" + " first."));
        }
    }

    private static Remedy move(Plan.Files files, String table, Path to) {
        return Remedy.run(Shell.set(files.configuration(), table, "directory", "\"" + to + "\""));
    }

    private static void open(Host host, Path directory, String id, String what, Findings found) throws Unanswered {
        if (directory != null
                && host.file(directory).map(FileFacts::writableByOthers).orElse(false)) {
            found.warning(
                    id,
                    "Others than its owner may write to " + directory + ", where " + what + " is.",
                    "They can put another in its place.",
                    Remedy.run("chmod go-w " + Shell.quoted(directory)));
        }
    }

    /** The directory, or where it would be made. */
    private static Optional<FileFacts> nearest(Host host, Path directory) throws Unanswered {
        Path at = directory.toAbsolutePath();
        Optional<FileFacts> facts = host.file(at);
        while (facts.isEmpty() && at.getParent() != null) {
            at = at.getParent();
            facts = host.file(at);
        }
        return facts;
    }
}
