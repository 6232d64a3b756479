/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import static java.util.Map.entry;

import io.twinwall.admin.AdminClient;
import io.twinwall.admin.Json;
import io.twinwall.base.ExitCode;
import io.twinwall.base.Fatal;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import picocli.CommandLine;
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
        synopsisSubcommandLabel = "COMMAND")
final class Cli {
    static final Path CONFIG = Path.of("/etc/twinwall/twinwall.toml");

    private static final List<Map.Entry<String, Class<?>>> COMMANDS = List.of(
            entry("run", Run.class),
            entry("status", Status.class),
            entry("flows", CliFlowsVerb.class),
            entry("verify", Verify.class),
            entry("history", CliHistoryVerb.class),
            entry("switchover", CliRoleVerbs.Switchover.class),
            entry("promote", CliRoleVerbs.Promote.class),
            entry("maintenance", CliRoleVerbs.Maintenance.class),
            entry("veto", CliRoleVerbs.Veto.class),
            entry("reload", CliRoleVerbs.Reloading.class),
            entry("key", CliKey.Verb.class),
            entry("alert", CliAlert.Verb.class),
            entry("doctor", CliDoctor.Verb.class),
            entry("check-config", CheckConfig.class),
            entry("demo", DemoVerb.class),
            entry("completion", Completion.class),
            entry("man", Man.class),
            entry("version", Version.class));

    /** The verbs, in the order of the help. */
    static final List<String> VERBS = COMMANDS.stream().map(Map.Entry::getKey).toList();

    /** What describes all the others. */
    private static final List<String> DESCRIBING = List.of("completion", "man");

    private final Supplier<Daemon> daemon;
    private final Supplier<Demo> demo;
    private final PrintStream out;
    private final PrintStream err;
    private final CliScreen screen;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            scope = ScopeType.INHERIT,
            description = "Show this and exit.")
    @SuppressWarnings("unused") // picocli prints the help when it meets the option
    private boolean help;

    Cli(Supplier<Daemon> daemon, Supplier<Demo> demo, PrintStream out, PrintStream err, CliScreen screen) {
        this.daemon = daemon;
        this.demo = demo;
        this.out = out;
        this.err = err;
        this.screen = screen;
    }

    /**
     * What parses {@code words}. When these begin with a verb it knows no other: reading the descriptions of all takes
     * longer than what most of them do.
     */
    CommandLine commandLine(String... words) {
        boolean one = words.length > 0 && VERBS.contains(words[0]) && !DESCRIBING.contains(words[0]);
        CommandLine line = new CommandLine(this);
        for (Map.Entry<String, Class<?>> command : COMMANDS) {
            if (!one || command.getKey().equals(words[0])) {
                line.addSubcommand(command.getValue());
            }
        }
        return line;
    }

    /** For verbs that are classes of their own. */
    void print(String text) {
        out.print(text);
    }

    /** Of this program; in a test, where nothing is packaged, words that say so. */
    static String version() {
        String version = Cli.class.getPackage().getImplementationVersion();
        return version == null ? "(not packaged)" : version;
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
            return ask(new AdminClient(socket(), CliClient.PATIENCE)).code();
        }

        Path socket() {
            if (where == null) {
                return CliClient.SOCKET;
            }
            return where.socket != null
                    ? where.socket
                    : ConfigFile.load(where.config).admin().socket();
        }

        boolean json() {
            return json;
        }

        /** The daemon's, from its usual place unless said otherwise. */
        Config config() {
            return ConfigFile.load(where == null || where.config == null ? CONFIG : where.config);
        }

        void print(String text) {
            cli.out.print(text.endsWith("\n") ? text : text + "\n");
        }

        /** Says something beside the answer. */
        void remark(String text) {
            cli.err.println(text);
        }

        CliScreen screen() {
            return cli.screen;
        }

        CliWatch watch() {
            return new CliWatch(cli.screen, cli.out);
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

    @Command(
            name = "status",
            description = {
                "Show both nodes: roles and since when, readiness, lag, flows, heartbeat paths, addresses, trackers,",
                "the last changes with their reasons, and the alarms with what to do."
            })
    static final class Status extends Asking {
        @Spec
        private CommandSpec spec;

        @Option(
                names = "--watch",
                paramLabel = "SECONDS",
                arity = "0..1",
                fallbackValue = "2",
                description = "Show it again and again, each 0.2..3600 seconds (2 when left out), until interrupted.")
        private Double watch;

        @Override
        ExitCode ask(AdminClient client) {
            if (watch == null) {
                print(look(client));
                return ExitCode.OK;
            }
            if (!(watch >= 0.2 && watch <= 3_600)) {
                throw new ParameterException(spec.commandLine(), "--watch: expected 0.2..3600, found " + watch);
            }
            return watch().run(Math.round(watch * 1_000), () -> look(client));
        }

        private String look(AdminClient client) {
            if (!json()) {
                return CliClient.screen(client, screen().style());
            }
            return CliClient.ended(CliClient.body(client.get(StatusRoutes.STATUS)));
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

        @Option(
                names = "--profile",
                paramLabel = "NAME",
                description = "The pair's timing: calm, fast or extreme (default: fast).")
        private DemoOptions.Profile profile = DemoOptions.Profile.FAST;

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
            DemoOptions options = new DemoOptions(flows, fail, profile, !noSync, keep, cleanup, json, seed);
            return cli.demo.get().run(options).code();
        }
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

        @Parameters(paramLabel = "bash|zsh|fish", description = "The shell.")
        private CliCompletion.Shell shell;

        @Override
        public Integer call() {
            cli.out.print(CliCompletion.script(shell, spec.root().commandLine()));
            return ExitCode.OK.code();
        }
    }

    @Command(
            name = "man",
            description = {
                "Write the manual pages, one for each command, into a directory:",
                "twinwall man /usr/local/share/man/man1"
            })
    static final class Man implements Callable<Integer> {
        @Spec
        private CommandSpec spec;

        @ParentCommand
        private Cli cli;

        @Parameters(paramLabel = "DIR", description = "The directory, which is made when it is not there.")
        private Path directory;

        @Override
        public Integer call() {
            try {
                Files.createDirectories(directory);
                Map<String, String> pages = CliManPage.pages(spec.root().commandLine(), version());
                for (Map.Entry<String, String> page : pages.entrySet()) {
                    Files.writeString(directory.resolve(page.getKey()), page.getValue());
                }
                cli.out.println(pages.size() + " pages in " + directory);
                return ExitCode.OK.code();
            } catch (IOException e) {
                throw new Fatal(
                        ExitCode.ENVIRONMENT,
                        "cannot write into " + directory + ": " + e.getMessage() + "; choose another directory",
                        e);
            }
        }
    }

    @Command(name = "version", description = "Print the version.")
    static final class Version implements Callable<Integer> {
        @ParentCommand
        private Cli cli;

        @Override
        public Integer call() {
            cli.out.println("twinwall " + version());
            return ExitCode.OK.code();
        }
    }

    static void require(CommandSpec spec, String option, int value, int max) {
        if (value < 1 || value > max) {
            throw new ParameterException(spec.commandLine(), option + ": expected 1.." + max + ", found " + value);
        }
    }
}
