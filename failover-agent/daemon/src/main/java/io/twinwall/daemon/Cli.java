/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.admin.AdminClient;
import io.twinwall.admin.Json;
import io.twinwall.base.ExitCode;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import picocli.AutoComplete;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/**
 * The command line's verbs: each parses its words, asks one object, prints and returns an exit code. Classes of the
 * daemon and of the demonstration are behind suppliers and load only when their verb runs.
 */
@Command(
        name = "twinwall",
        description = "Two Linux firewalls that behave like one that never dies.",
        mixinStandardHelpOptions = false,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            Cli.Run.class,
            Cli.Status.class,
            Cli.Flows.class,
            Cli.Verify.class,
            CliRoleVerbs.Switchover.class,
            CliRoleVerbs.Promote.class,
            CliRoleVerbs.Maintenance.class,
            CliRoleVerbs.Reloading.class,
            CliKey.Verb.class,
            Cli.CheckConfig.class,
            Cli.DemoVerb.class,
            Cli.Completion.class,
            Cli.Version.class
        })
final class Cli {
    /** Where the daemon listens unless its configuration says otherwise. */
    static final Path SOCKET = Path.of("/run/twinwall/admin.sock");

    static final Path CONFIG = Path.of("/etc/twinwall/twinwall.toml");

    private final Supplier<Daemon> daemon;
    private final Supplier<Demo> demo;
    private final PrintStream out;
    private final PrintStream err;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            scope = ScopeType.INHERIT,
            description = "Show this and exit.")
    @SuppressWarnings("unused") // picocli prints the help when it meets the option
    private boolean help;

    Cli(Supplier<Daemon> daemon, Supplier<Demo> demo, PrintStream out, PrintStream err) {
        this.daemon = daemon;
        this.demo = demo;
        this.out = out;
        this.err = err;
    }

    /** How a verb finds the daemon. */
    static final class Where {
        @Option(
                names = "--socket",
                paramLabel = "PATH",
                description = "The daemon's socket (default: /run/twinwall/admin.sock).")
        private Path socket;

        @Option(
                names = "--config",
                paramLabel = "FILE",
                description = "The daemon's configuration, to read its socket from.")
        private Path config;
    }

    /** A verb that asks the daemon. */
    abstract static class Asking implements Callable<Integer> {
        @ParentCommand
        private Cli cli;

        @ArgGroup(exclusive = true)
        private Where where;

        @Option(names = "--json", description = "Print the answer as JSON.")
        private boolean json;

        abstract ExitCode ask(AdminClient client);

        @Override
        public Integer call() {
            return ask(new AdminClient(socket(), Duration.ofSeconds(20))).code();
        }

        Path socket() {
            if (where == null) {
                return SOCKET;
            }
            return where.socket != null
                    ? where.socket
                    : ConfigFile.load(where.config).admin().socket();
        }

        boolean json() {
            return json;
        }

        void print(String text) {
            cli.out.print(text.endsWith("\n") ? text : text + "\n");
        }
    }

    @Command(name = "run", description = "Run the daemon of this node until it is told to stop.")
    static final class Run implements Callable<Integer> {
        @ParentCommand
        private Cli cli;

        @Option(
                names = "--config",
                paramLabel = "FILE",
                description = "Configuration (default: /etc/twinwall/twinwall.toml).")
        private Path config = CONFIG;

        @Override
        public Integer call() {
            Config loaded = ConfigFile.load(config);
            return cli.daemon.get().run(loaded, config).code();
        }
    }

    @Command(name = "status", description = "Show both nodes: roles, readiness, lag, addresses, last takeover.")
    static final class Status extends Asking {
        @Override
        ExitCode ask(AdminClient client) {
            AdminClient.Reply reply = client.get("/v1/status");
            print(json() ? CliClient.body(reply) : CliStatusText.render(CliClient.read(reply, CliStatus.class)));
            return ExitCode.OK;
        }
    }

    @Command(name = "flows", description = "List the flows this node's table holds, as conntrack(8) would.")
    static final class Flows extends Asking {
        @Spec
        private CommandSpec spec;

        @Option(
                names = "--limit",
                paramLabel = "N",
                description = "At most N flows, 1..10000 (default: ${DEFAULT-VALUE}).")
        private int limit = 1000;

        @Override
        ExitCode ask(AdminClient client) {
            require(spec, "--limit", limit, 10_000);
            AdminClient.Reply reply = client.get("/v1/flows?limit=" + limit);
            print(
                    json()
                            ? CliClient.body(reply)
                            : CliClient.read(reply, CliFlows.class).text());
            return ExitCode.OK;
        }
    }

    @Command(
            name = "verify",
            description = {
                "Show how equal the pair is: the active's kernel, its table, the mirror, the passive's kernel;",
                "and what was repaired. Exits with 0 when all are equal, with 1 when not, or not known to be."
            })
    static final class Verify extends Asking {
        @Option(names = "--now", description = "Compare everything first; waits up to ten seconds for it.")
        private boolean now;

        @Override
        ExitCode ask(AdminClient client) {
            AdminClient.Reply reply = client.get(now ? "/v1/verify?now=true" : "/v1/verify");
            CliVerify answer = CliClient.read(reply, CliVerify.class);
            print(json() ? CliClient.body(reply) : answer.text());
            return answer.equal() && (answer.complete() || !now) ? ExitCode.OK : ExitCode.REFUSED;
        }
    }

    @Command(
            name = "check-config",
            description =
                    "Check a configuration: all its problems, or what it comes to with every default, and what of it this"
                            + " host does not have.")
    static final class CheckConfig implements Callable<Integer> {
        @ParentCommand
        private Cli cli;

        @Parameters(
                paramLabel = "FILE",
                arity = "0..1",
                description = "The file (default: /etc/twinwall/twinwall.toml).")
        private Path file = CONFIG;

        @Option(names = "--json", description = "Print the outcome as JSON.")
        private boolean json;

        @Override
        public Integer call() {
            ConfigReport report = ConfigFile.check(file);
            List<ConfigProblem> warnings = new ArrayList<>(report.warnings());
            report.config().ifPresent(config -> warnings.addAll(ConfigHost.warnings(file.toString(), config)));
            if (json) {
                Map<String, Object> outcome = new LinkedHashMap<>();
                outcome.put("ok", report.config().isPresent());
                outcome.put("problems", report.problems());
                outcome.put("warnings", warnings);
                outcome.put("effective", report.config().map(ConfigText::tree).orElse(null));
                cli.out.println(Json.text(outcome));
            } else {
                warnings.forEach(warning -> cli.err.println("warning: " + warning.text()));
                report.problems().forEach(problem -> cli.err.println(problem.text()));
                report.config().ifPresent(config -> cli.out.print(ConfigText.toml(config)));
            }
            return (report.config().isPresent() ? ExitCode.OK : ExitCode.CONFIG).code();
        }
    }

    @Command(
            name = "demo",
            description = {
                "Show a takeover on this machine: a pair of firewalls in network namespaces, live flows through them,",
                "the active fails, the flows go on. Needs root."
            })
    static final class DemoVerb implements Callable<Integer> {
        @Spec
        private CommandSpec spec;

        @ParentCommand
        private Cli cli;

        @Option(
                names = "--flows",
                paramLabel = "N",
                description = "TCP flows to open, 1..250000 (default: ${DEFAULT-VALUE}).")
        private int flows = 1000;

        @Option(
                names = "--fail",
                paramLabel = "HOW",
                description = "power, kill, hang, link or switchover (default: power).")
        private DemoOptions.Fail fail = DemoOptions.Fail.POWER;

        @Option(names = "--no-sync", description = "The control: replicate nothing; flows that need state die.")
        private boolean noSync;

        @Option(names = "--keep", description = "Leave the pair running, and say how to enter it.")
        private boolean keep;

        @Option(names = "--cleanup", description = "Only remove what earlier demonstrations left.")
        private boolean cleanup;

        @Option(names = "--json", description = "Print one JSON object at the end.")
        private boolean json;

        @Option(
                names = "--seed",
                paramLabel = "N",
                description = "Seed of what is drawn at random (default: ${DEFAULT-VALUE}).")
        private long seed = 1;

        @Override
        public Integer call() {
            require(spec, "--flows", flows, 250_000);
            DemoOptions options = new DemoOptions(flows, fail, !noSync, keep, cleanup, json, seed);
            return cli.demo.get().run(options).code();
        }
    }

    /** Shells whose completion can be printed. */
    enum Shell {
        BASH
    }

    @Command(
            name = "completion",
            description = {
                "Print the completion for a shell, to be sourced:",
                "twinwall completion bash > /etc/bash_completion.d/twinwall"
            })
    static final class Completion implements Callable<Integer> {
        @Spec
        private CommandSpec spec;

        @ParentCommand
        private Cli cli;

        @Parameters(paramLabel = "bash", description = "The shell; zsh reads it too, after bashcompinit.")
        @SuppressWarnings("unused") // there is one
        private Shell shell;

        @Override
        public Integer call() {
            cli.out.print(AutoComplete.bash("twinwall", spec.root().commandLine()));
            return ExitCode.OK.code();
        }
    }

    @Command(name = "version", description = "Print the version.")
    static final class Version implements Callable<Integer> {
        @ParentCommand
        private Cli cli;

        @Override
        public Integer call() {
            String version = Cli.class.getPackage().getImplementationVersion();
            cli.out.println("twinwall " + (version == null ? "(not packaged)" : version));
            return ExitCode.OK.code();
        }
    }

    private static void require(CommandSpec spec, String option, int value, int max) {
        if (value < 1 || value > max) {
            throw new ParameterException(spec.commandLine(), option + ": expected 1.." + max + ", found " + value);
        }
    }

    /** The verbs, for suggestions. */
    static final List<String> VERBS = List.of(
            "run",
            "status",
            "flows",
            "verify",
            "switchover",
            "promote",
            "maintenance",
            "reload",
            "key",
            "check-config",
            "demo",
            "completion",
            "version");
}
