/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.doctor;

import java.nio.file.Path;
import java.util.Optional;

/** Whether hooks and scripts can be started. */
final class ProgramsExam implements Exam {
    private static final String WHY = "The hook does not run, or the tracker is down from the start.";

    @Override
    public void look(Host host, Plan plan, Findings found) throws Unanswered {
        for (Path program : plan.programs().stream().distinct().toList()) {
            Optional<FileFacts> file = host.file(program);
            if (file.isEmpty() || file.get().directory()) {
                found.warning(
                        "program-missing",
                        "There is no program " + program + ", which a hook or a tracker names.",
                        WHY,
                        Remedy.advice("Copy it from the other node, or correct command in the configuration."));
            } else if (!file.get().executable()) {
                found.warning(
                        "program-not-executable",
                        "The program " + program + ", which a hook or a tracker names, may not be executed.",
                        WHY,
                        Remedy.run("chmod u+x " + Shell.quoted(program)));
            } else if (file.get().writableByOthers()) {
                found.warning(
                        "program-open",
                        "Others than its owner may write to the program " + program + ".",
                        "The daemon runs it with its own rights, as a rule root's.",
                        Remedy.run("chmod go-w " + Shell.quoted(program)));
            }
        }
    }
}
