/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.admin.AdminClient;
import io.twinwall.base.BugError;
import io.twinwall.base.ExitCode;
import io.twinwall.base.Fatal;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The program's outermost frame: has the command line parsed, and turns every way to end into one of {@link ExitCode}.
 * A {@link Fatal} is its message; a bug is its stack trace, for the report.
 */
public final class Main {
    private static final Duration LAST_WORDS = Duration.ofSeconds(2);

    private final Supplier<Daemon> daemon;
    private final Supplier<Demo> demo;
    private final CliScreen screen;

    /** The suppliers are asked only by the verbs that need them. */
    public Main(Supplier<Daemon> daemon, Supplier<Demo> demo) {
        this(daemon, demo, CliScreen.PIPE);
    }

    Main(Supplier<Daemon> daemon, Supplier<Demo> demo, CliScreen screen) {
        this.daemon = daemon;
        this.demo = demo;
        this.screen = screen;
    }

    public static void main(String[] args) {
        Main main = new Main(TwinwallDaemon::new, LabDemo::new, CliScreen.standardOutput(System.getenv()));
        int code = main.run(args, System.out, System.err);
        // To exit, the JDK looks for a logger that might want to know, in every jar. What ended well has nothing to
        // end.
        boolean ended =
                code == ExitCode.OK.code() && CliClient.plainStatus(args).isPresent();
        if (!ended) {
            System.exit(code);
        }
    }

    /** Runs one command; returns the process' exit code. */
    public int run(String[] args, PrintStream out, PrintStream err) {
        try {
            Optional<Path> asked = CliClient.plainStatus(args);
            if (asked.isPresent()) {
                out.print(CliClient.screen(new AdminClient(asked.get(), CliClient.PATIENCE), screen.style()));
                out.flush();
                return ExitCode.OK.code();
            }
            String[] words = args.length == 0 ? new String[] {"--help"} : args;
            int code = CliParser.execute(new Cli(daemon, demo, out, err, screen), words, out, err);
            out.flush();
            return args.length == 0 ? ExitCode.USAGE.code() : code;
        } catch (BugError | Fatal e) {
            return ended(e, out, err);
        }
    }

    /** Says why a verb ended by throwing, and with which code. */
    static int ended(Throwable thrown, PrintStream out, PrintStream err) {
        // A daemon whose standard error nobody reads is to end all the same.
        Thread words = Thread.ofPlatform().name("twinwall-last-words").daemon().start(() -> tell(thrown, out, err));
        try {
            words.join(LAST_WORDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return thrown instanceof Fatal fatal ? fatal.exitCode().code() : ExitCode.BUG.code();
    }

    private static void tell(Throwable thrown, PrintStream out, PrintStream err) {
        out.flush();
        if (thrown instanceof Fatal fatal) {
            err.println("twinwall: " + fatal.getMessage().replace("\n", "\ntwinwall: "));
        } else {
            err.println("twinwall: a bug; please report it with what follows");
            thrown.printStackTrace(err);
        }
    }
}
