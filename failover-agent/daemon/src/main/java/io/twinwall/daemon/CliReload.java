/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.base.ExitCode;
import java.util.List;
import java.util.stream.Stream;

/** {@code twinwall reload}: what the daemon answers, and how people read it. */
public final class CliReload {
    /**
     * Answer of {@code POST /v1/reload}.
     *
     * @param applied the file is in place as a whole
     * @param parts the tables that changed and are in place, of a file that is not wrong
     * @param problems what is wrong in the file
     * @param refused keys that need a restart and stay as they were, each with the reason
     * @param reason why not all of the file is in place, or null
     */
    public record Answer(
            boolean applied, List<String> parts, List<String> problems, List<String> refused, String reason) {}

    private CliReload() {}

    /** {@code answer}, and what became of the key file: {@code key} is null when it is as it was, "" when taken, else why not. */
    static Answer with(Answer answer, String key) {
        return with(answer, key, "cluster.key-file", "the key file is refused");
    }

    /** As {@link #with}, of the certificate, the key and the tokens of remote admin. */
    static Answer withRemote(Answer answer, String files) {
        return with(answer, files, "admin.remote's files", "the files of admin.remote are refused");
    }

    private static Answer with(Answer answer, String outcome, String part, String refusal) {
        if (outcome == null) {
            return answer;
        }
        if (outcome.isEmpty()) {
            List<String> parts =
                    Stream.concat(answer.parts().stream(), Stream.of(part)).toList();
            return new Answer(answer.applied(), parts, answer.problems(), answer.refused(), answer.reason());
        }
        List<String> problems =
                Stream.concat(answer.problems().stream(), Stream.of(outcome)).toList();
        String reason = answer.reason() == null ? refusal : answer.reason();
        return new Answer(false, answer.parts(), problems, answer.refused(), reason);
    }

    static ExitCode exitCode(Answer answer) {
        if (answer.applied()) {
            return ExitCode.OK;
        }
        return answer.problems().isEmpty() ? ExitCode.REFUSED : ExitCode.CONFIG;
    }

    static String text(Answer answer) {
        if (answer.applied()) {
            return answer.parts().isEmpty()
                    ? "nothing changed\n"
                    : "in place: " + String.join(", ", answer.parts()) + "\n";
        }
        if (!answer.parts().isEmpty()) {
            return refusal(answer, "in place, but not all of it: " + String.join(", ", answer.parts()) + "\n  ");
        }
        return refusal(answer, "nothing was changed: ");
    }

    private static String refusal(Answer answer, String begin) {
        StringBuilder text = new StringBuilder(begin).append(answer.reason()).append('\n');
        answer.problems().forEach(problem -> text.append("  ").append(problem).append('\n'));
        answer.refused().forEach(key -> text.append("  ").append(key).append('\n'));
        return text.toString();
    }
}
