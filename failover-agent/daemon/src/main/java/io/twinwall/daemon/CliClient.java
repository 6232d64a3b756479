/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.admin.AdminClient;
import io.twinwall.admin.Json;
import io.twinwall.base.ExitCode;
import io.twinwall.base.Fatal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import tools.jackson.core.JacksonException;

/** What the commands that ask the daemon share. */
final class CliClient {
    /** Where the daemon listens unless its configuration says otherwise. */
    static final Path SOCKET = Path.of("/run/twinwall/admin.sock");

    /** How long a verb waits for its answer. */
    static final Duration PATIENCE = Duration.ofSeconds(20);

    private CliClient() {}

    /**
     * The socket whose daemon {@code words} ask for its status, when they are {@code status [--socket PATH]} and no more.
     * That is what people type and loops ask, and to have the parser read it takes twice as long as all else.
     */
    static Optional<Path> plainStatus(String... words) {
        if (words.length == 1 && words[0].equals("status")) {
            return Optional.of(SOCKET);
        }
        boolean named = words.length == 3 && words[0].equals("status") && words[1].equals("--socket");
        return named && !words[2].startsWith("-") ? Optional.of(Path.of(words[2])) : Optional.empty();
    }

    /** Both nodes on one screen, its last line ended. */
    static String screen(AdminClient client, CliStyle style) {
        return ended(body(client.get(StatusRoutes.screen(style))));
    }

    /** {@code text} with an end to its last line. */
    static String ended(String text) {
        return text.endsWith("\n") ? text : text + "\n";
    }

    /** The body of {@code reply}, which must be a success. */
    static String body(AdminClient.Reply reply) {
        if (reply.status() != 200) {
            throw new Fatal(
                    ExitCode.UNAVAILABLE,
                    "the daemon answered " + reply.status() + ": " + reply.body() + "; its log may say more");
        }
        return reply.body();
    }

    static <T> T read(AdminClient.Reply reply, Class<T> type) {
        return parse(body(reply), type);
    }

    static <T> T parse(String json, Class<T> type) {
        try {
            return Json.read(json, type);
        } catch (JacksonException e) {
            throw new Fatal(
                    ExitCode.BAD_INPUT,
                    "the daemon's answer is not understood: " + e.getOriginalMessage()
                            + "; are twinwall and its daemon of one version?",
                    e);
        }
    }
}
