/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.rig;

import io.twinwall.lab.Failure;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** All there are, in the order of the report. */
final class Scenarios {
    static final List<Scenario> ALL = Stream.<Scenario>concat(
                    Stream.of(Failure.POWER, Failure.KILL, Failure.HANG, Failure.LINK, Failure.SWITCHOVER)
                            .map(DarkTime::new),
                    Stream.of(
                            new UnderLoad(),
                            new FullTable(),
                            new NewFlowRate(),
                            new Lifecycle(),
                            new MirrorMemory(),
                            new ColdStandby(),
                            new FtpTakeover(),
                            new IdleCost()))
            .toList();

    private Scenarios() {}

    /**
     * Those of a command line's words, separated by commas.
     *
     * @throws IllegalArgumentException naming the words there are
     */
    static List<Scenario> parse(String words) {
        List<String> wanted = Arrays.asList(words.split(","));
        List<String> known = ALL.stream().map(Scenario::word).toList();
        for (String word : wanted) {
            if (!known.contains(word)) {
                throw new IllegalArgumentException(
                        "\"" + word + "\" is not one of " + known.stream().collect(Collectors.joining(", ")));
            }
        }
        return ALL.stream().filter(scenario -> wanted.contains(scenario.word())).toList();
    }
}
