/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.admin.AdminClient;
import io.twinwall.admin.Json;
import io.twinwall.base.ExitCode;
import io.twinwall.base.Fatal;
import tools.jackson.core.JacksonException;

/** What the commands that ask the daemon share. */
final class CliClient {
    private CliClient() {}

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
