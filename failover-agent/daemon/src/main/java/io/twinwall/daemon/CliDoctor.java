/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.admin.Json;
import io.twinwall.base.ExitCode;
import io.twinwall.doctor.Diagnosis;
import io.twinwall.doctor.DiagnosisText;
import io.twinwall.doctor.Doctor;
import io.twinwall.doctor.LinuxHost;
import io.twinwall.doctor.Plan;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code twinwall doctor}: looks at this host, and through a running daemon at the pair, and changes nothing. */
final class CliDoctor {
    private CliDoctor() {}

    @Command(
            name = "doctor",
            description = {
                "Look for everything on this host that makes a pair fail, and say what mends it: kernel, settings,",
                "rules, addresses, links, files; and, when the daemon runs, what only it knows. Changes nothing. Needs",
                "root to see all. Exits with 0 when nothing is wrong, with 2 for warnings only, with 1 for errors."
            })
    static final class Verb implements Callable<Integer> {
        @ParentCommand
        private Cli cli;

        @Option(
                names = "--config",
                paramLabel = "FILE",
                description = "Configuration (default: /etc/twinwall/twinwall.toml).")
        private Path file = Cli.CONFIG;

        @Option(
                names = "--socket",
                paramLabel = "PATH",
                description = "The daemon's socket (default: that of the configuration).")
        private Path socket;

        @Option(names = "--json", description = "Print the diagnosis as JSON.")
        private boolean json;

        @Override
        public Integer call() {
            Config config = ConfigFile.load(file);
            Path asked = socket == null ? config.admin().socket() : socket;
            Plan plan = DoctorPlan.of(config, file, asked);
            Diagnosis diagnosis = Doctor.examine(new LinuxHost(new DoctorDaemon(asked), asked), plan);
            cli.print(json ? Json.text(diagnosis) + "\n" : DiagnosisText.render(diagnosis));
            return exitCode(diagnosis).code();
        }
    }

    static ExitCode exitCode(Diagnosis diagnosis) {
        if (diagnosis.errors() > 0) {
            return ExitCode.REFUSED;
        }
        return diagnosis.warnings() > 0 ? ExitCode.WARNED : ExitCode.OK;
    }
}
