/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.admin.AdminClient;
import io.twinwall.admin.Json;
import io.twinwall.base.ExitCode;
import io.twinwall.protocol.Precheck;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The verbs of {@link Cli} that change something: who is active, who stays out, by which configuration. */
final class CliRoleVerbs {
    private CliRoleVerbs() {}

    /** A verb that changes a role and waits until it has. */
    abstract static class Changing extends Cli.Asking {
        @Option(names = "--force", description = "Also when the check objects: what it names is lost.")
        private boolean force;

        @Option(names = "--dry-run", description = "Only check, and say what would be lost.")
        private boolean dryRun;

        @Option(
                names = "--timeout-ms",
                paramLabel = "MS",
                description = "How long to wait (default: ${DEFAULT-VALUE}).")
        private long timeoutMs = 15_000;

        abstract CliAction.Verb verb();

        @Override
        ExitCode ask(AdminClient client) {
            CliAction.Outcome outcome = new CliAction(client, timeoutMs, this::show).run(verb(), force, dryRun);
            print(json() ? Json.text(outcome) : CliAction.text(verb(), outcome, force, dryRun));
            return CliAction.exitCode(outcome);
        }

        private void show(Precheck precheck) {
            if (!json()) {
                print(CliAction.text(precheck));
            }
        }
    }

    @Command(
            name = "switchover",
            description = {
                "Exchange the roles of the two nodes, losing nothing, and wait until that is done.",
                "Says what would be lost, and refuses then unless forced."
            })
    static final class Switchover extends Changing {
        @Override
        CliAction.Verb verb() {
            return CliAction.Verb.SWITCHOVER;
        }
    }

    @Command(
            name = "promote",
            description = {
                "Make this node the active one, and wait until it is.",
                "With --force whatever the other node says: make sure that it is off."
            })
    static final class Promote extends Changing {
        @Override
        CliAction.Verb verb() {
            return CliAction.Verb.PROMOTE;
        }
    }

    /** Where {@code maintenance} is switched to. */
    enum OnOff {
        ON,
        OFF
    }

    @Command(
            name = "maintenance",
            description = {
                "on: this node hands over if it is active, and stays out, also after a restart. off: it may come back.",
                "Says what would be lost, and refuses then unless forced. An active node never stays out without an heir."
            })
    static final class Maintenance extends Changing {
        @Parameters(paramLabel = "on|off", description = "Stay out, or come back.")
        private OnOff onOff;

        @Override
        CliAction.Verb verb() {
            return switch (onOff) {
                case ON -> CliAction.Verb.MAINTENANCE_ON;
                case OFF -> CliAction.Verb.MAINTENANCE_OFF;
            };
        }
    }

    @Command(
            name = "veto",
            description = {
                "Keep this node from a takeover that waits (takeover.countdown-s), until an active node is heard, or it is",
                "promoted. Exits with 0 when that is so, with 1 when no takeover waits."
            })
    static final class Veto extends Cli.Asking {
        @Override
        ExitCode ask(AdminClient client) {
            CliAction.Answer answer = CliClient.read(client.post("/v1/veto", ""), CliAction.Answer.class);
            print(json() ? Json.text(answer) : (answer.accepted() ? "" : "no veto: ") + answer.reason());
            return answer.accepted() ? ExitCode.OK : ExitCode.REFUSED;
        }
    }

    @Command(
            name = "reload",
            description = {
                "Read the configuration again and put in place what needs no restart, without an interruption.",
                "What needs one is told, and stays as it was (exit code 1). A wrong file changes nothing (78)."
            })
    static final class Reloading extends Cli.Asking {
        @Override
        ExitCode ask(AdminClient client) {
            CliReload.Answer answer = CliClient.read(client.post("/v1/reload", ""), CliReload.Answer.class);
            print(json() ? Json.text(answer) : CliReload.text(answer));
            return CliReload.exitCode(answer);
        }
    }
}
