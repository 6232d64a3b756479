/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.alerts.Outcome;
import io.twinwall.alerts.ScriptRun;
import io.twinwall.linux.Scheduling;
import java.util.List;
import java.util.Map;

/** A script that tells people, run as hooks are; what it prints is shown when it fails. */
final class AlertScript implements ScriptRun {
    private static final int SAID_CHARS_MAX = 200;

    private final HookProcess process;

    AlertScript(List<String> command, Map<String, String> environment) {
        process = new HookProcess(command, environment, true);
    }

    @Override
    public Outcome run(long limitNs) {
        // A child takes its nice value from the thread that makes it, which is this attempt's own.
        int ignored = Scheduling.setpriority(0, 0);
        return switch (process.run(limitNs)) {
            case HookProcess.End.Exited exited ->
                new Outcome(
                        exited.status() == 0, "exit status " + exited.status() + (exited.status() == 0 ? "" : said()));
            case HookProcess.End.Killed killed -> Outcome.failed("killed" + said());
            case HookProcess.End.NotStarted never -> Outcome.failed("not started: " + never.reason());
        };
    }

    private String said() {
        String text = process.said().strip();
        String shown = text.length() > SAID_CHARS_MAX ? text.substring(0, SAID_CHARS_MAX) + "..." : text;
        return shown.isEmpty() ? "" : ": " + shown;
    }

    @Override
    public void kill() {
        process.kill();
    }
}
