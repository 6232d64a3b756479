/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.admin.AdminClient;
import io.twinwall.base.ExitCode;
import io.twinwall.base.Fatal;
import io.twinwall.journal.JournalQuery;
import io.twinwall.journal.JournalReader;
import io.twinwall.journal.JournalStory;
import java.io.IOException;
import java.nio.file.Path;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * {@code twinwall history} and {@code twinwall history show N}: asks the daemon, or reads the journal itself where none
 * runs.
 */
@Command(
        name = "history",
        description = {
            "Show what happened on this node: changes of role, takeovers, alarms, losses, configurations.",
            "history show N: one of them, with a timeline in milliseconds and what was known then."
        })
final class CliHistoryVerb extends Cli.Asking {
    @Spec
    private CommandSpec spec;

    /** What is done besides listing. */
    enum What {
        SHOW
    }

    @Parameters(index = "0", arity = "0..1", paramLabel = "show", description = "Show one record whole.")
    private What what;

    @Parameters(index = "1", arity = "0..1", paramLabel = "N", description = "Its number.")
    private Long number;

    @Option(names = "--since", paramLabel = "TIME", description = "Only from then on: " + CliTime.FORMS + ".")
    private String since;

    @Option(names = "--until", paramLabel = "TIME", description = "Only until then.")
    private String until;

    @Option(names = "--before", paramLabel = "N", description = "Only records with a number under N.")
    private long before = Long.MAX_VALUE;

    @Option(
            names = "--limit",
            paramLabel = "N",
            description = "At most N records, the newest, 1..500 (default: ${DEFAULT-VALUE}).")
    private int limit = 50;

    @Option(
            names = "--journal",
            paramLabel = "DIR",
            description = "Read the journal in DIR, without asking a daemon (default of a daemon:"
                    + " /var/lib/twinwall/journal).")
    private Path journal;

    @Override
    ExitCode ask(AdminClient client) {
        Cli.require(spec, "--limit", limit, JournalQuery.LIMIT_MAX);
        if (before < 1) {
            throw new ParameterException(
                    spec.commandLine(), "--before: expected the number of a record, found " + before);
        }
        ZonedDateTime now = ZonedDateTime.now(ZoneId.systemDefault());
        if (what == null) {
            JournalQuery query = new JournalQuery(
                    since == null ? Long.MIN_VALUE : CliTime.of(spec, "--since", since, now),
                    until == null ? Long.MAX_VALUE : CliTime.of(spec, "--until", until, now),
                    before,
                    limit);
            String answer = journal == null ? page(client, query) : page(query);
            print(json() ? answer : CliClient.parse(answer, CliHistory.class).text(now));
        } else {
            if (number == null) {
                throw new ParameterException(spec.commandLine(), "history show: expected the number of a record");
            }
            String answer = journal == null ? story(client) : story();
            print(json() ? answer : CliClient.parse(answer, CliStory.class).text(now));
        }
        return ExitCode.OK;
    }

    private static String page(AdminClient client, JournalQuery query) {
        StringBuilder path = new StringBuilder("/v1/history?limit=").append(query.limit());
        if (query.sinceMs() != Long.MIN_VALUE) {
            path.append("&since=").append(Math.max(0, query.sinceMs()));
        }
        if (query.untilMs() != Long.MAX_VALUE) {
            path.append("&until=").append(Math.max(0, query.untilMs()));
        }
        if (query.before() != Long.MAX_VALUE) {
            path.append("&before=").append(query.before());
        }
        return CliClient.body(client.get(path.toString()));
    }

    private String story(AdminClient client) {
        AdminClient.Reply reply = client.get("/v1/history/" + number);
        if (reply.status() == 404) {
            throw noRecord();
        }
        return CliClient.body(reply);
    }

    private String page(JournalQuery query) {
        try (JournalReader reader = JournalReader.open(journal)) {
            return reader.page(query).json();
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    private String story() {
        try (JournalReader reader = JournalReader.open(journal)) {
            return reader.story(number).map(JournalStory::json).orElseThrow(this::noRecord);
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    private Fatal noRecord() {
        return new Fatal(ExitCode.REFUSED, "there is no record " + number + "; twinwall history lists those there are");
    }

    private static Fatal unreadable(IOException e) {
        return new Fatal(ExitCode.BAD_INPUT, "the journal cannot be read: " + e.getMessage(), e);
    }
}
