/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.doctor;

import java.util.List;
import java.util.stream.Stream;

/**
 * What mends a finding. Commands are for a shell of root on this host, in their order.
 *
 * @param commands mend it now; empty where only a person can decide or do it
 * @param keep make it last beyond a reboot, where {@code commands} alone do not
 * @param advice what no command can say, or ""
 */
public record Remedy(List<String> commands, List<String> keep, String advice) {
    public Remedy {
        commands = List.copyOf(commands);
        keep = List.copyOf(keep);
    }

    static Remedy run(String... commands) {
        return new Remedy(List.of(commands), List.of(), "");
    }

    static Remedy run(List<String> commands) {
        return new Remedy(commands, List.of(), "");
    }

    static Remedy advice(String advice) {
        return new Remedy(List.of(), List.of(), advice);
    }

    Remedy keeping(String... more) {
        return new Remedy(
                commands, Stream.concat(keep.stream(), Stream.of(more)).toList(), advice);
    }

    Remedy and(List<String> more) {
        return new Remedy(Stream.concat(commands.stream(), more.stream()).toList(), keep, advice);
    }

    Remedy saying(String words) {
        return new Remedy(commands, keep, words);
    }
}
