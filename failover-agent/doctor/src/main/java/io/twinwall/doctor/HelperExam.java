/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.doctor;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** Whether the helpers that the ruleset names have all their modules: the kernel loads the one that reads, not the one that translates. */
final class HelperExam implements Exam {
    private static final Map<String, String> MODULES = Map.ofEntries(
            Map.entry("ftp", "ftp"),
            Map.entry("sip", "sip"),
            Map.entry("tftp", "tftp"),
            Map.entry("irc", "irc"),
            Map.entry("amanda", "amanda"),
            Map.entry("pptp", "pptp"),
            Map.entry("ras", "h323"),
            Map.entry("q.931", "h323"),
            Map.entry("h.245", "h323"));

    @Override
    public void look(Host host, Plan plan, Findings found) throws Unanswered {
        Ruleset ruleset = host.ruleset();
        List<String> named = ruleset.helpers().stream()
                .flatMap(HelperExam::module)
                .distinct()
                .toList();
        if (named.isEmpty()) {
            return;
        }
        Set<String> there = host.modules();
        for (String helper : named) {
            missing("nf_conntrack_" + helper, there, found);
            if (ruleset.translates()) {
                missing("nf_nat_" + helper, there, found);
            }
        }
    }

    /** One for a port of its own is named {@code ftp-2121}. */
    private static Stream<String> module(String helper) {
        String name = helper.toLowerCase(Locale.ROOT).replaceFirst("-[0-9]+$", "");
        return Stream.ofNullable(MODULES.get(name));
    }

    private static void missing(String module, Set<String> there, Findings found) {
        if (!there.contains(module)) {
            found.warning(
                    "helper-module",
                    "The ruleset uses a helper whose module " + module + " is not loaded.",
                    "What that protocol announces is not followed, or not translated: its data connections fail, and a"
                            + " mirrored flow with this helper is refused.",
                    Shell.module(module).saying("The same on the other host."));
        }
    }
}
