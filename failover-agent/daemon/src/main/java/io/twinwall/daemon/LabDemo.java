/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.base.ExitCode;
import io.twinwall.lab.Failure;
import io.twinwall.lab.LabProfile;
import java.io.Console;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Runs the lab's demonstration with this very program, as it was started, for its two agents. */
final class LabDemo implements Demo {
    @Override
    public ExitCode run(DemoOptions options) {
        if (options.cleanup()) {
            return io.twinwall.lab.Demo.cleanup(System.out);
        }
        return io.twinwall.lab.Demo.run(
                io.twinwall.lab.DemoOptions.defaults()
                        .withFlows(options.flows())
                        .withFail(failure(options.fail()))
                        .withProfile(profile(options.profile()))
                        .withSync(options.sync())
                        .withKeep(options.keep())
                        .withJson(options.json())
                        .withSeed(options.seed())
                        .withTerminal(terminal()),
                agentCommand(),
                System.out,
                System.err);
    }

    private static boolean terminal() {
        return Optional.ofNullable(System.console()).map(Console::isTerminal).orElse(false);
    }

    /** The command that started this program, without its verb. */
    private static List<String> agentCommand() {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        command.add(Main.class.getName());
        return command;
    }

    private static Failure failure(DemoOptions.Fail fail) {
        return switch (fail) {
            case POWER -> Failure.POWER;
            case KILL -> Failure.KILL;
            case HANG -> Failure.HANG;
            case LINK -> Failure.LINK;
            case SWITCHOVER -> Failure.SWITCHOVER;
        };
    }

    private static LabProfile profile(DemoOptions.Profile profile) {
        return switch (profile) {
            case CALM -> LabProfile.CALM;
            case FAST -> LabProfile.FAST;
            case EXTREME -> LabProfile.EXTREME;
        };
    }
}
