/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.doctor;

import java.util.List;

/** {@code twinwall doctor} for people: one paragraph a finding, commands on lines of their own so that they can be copied. */
public final class DiagnosisText {
    private final StringBuilder text = new StringBuilder();

    private DiagnosisText() {}

    public static String render(Diagnosis diagnosis) {
        DiagnosisText screen = new DiagnosisText();
        screen.head(diagnosis);
        diagnosis.findings().forEach(screen::finding);
        screen.line("");
        screen.line(sum(diagnosis));
        return screen.text.toString();
    }

    private void head(Diagnosis diagnosis) {
        line(diagnosis.node() + ": twinwall " + diagnosis.version()
                + (diagnosis.kernel().isEmpty() ? "" : ", Linux " + diagnosis.kernel())
                + ", configuration of the pair " + diagnosis.pairDigest()
                + (diagnosis.daemonRuns() ? "" : "; no daemon runs"));
    }

    private void finding(Finding finding) {
        line("");
        line(finding.severity().word() + ": " + finding.id());
        line("  " + finding.what());
        line("  " + finding.why());
        Remedy remedy = finding.remedy();
        commands("mend", remedy.commands());
        commands("keep", remedy.keep());
        if (!remedy.advice().isEmpty()) {
            line("  " + remedy.advice());
        }
    }

    private void commands(String label, List<String> commands) {
        String shown = label;
        for (String command : commands) {
            line(String.format("  %-6s%s", shown.isEmpty() ? "" : shown + ":", command));
            shown = "";
        }
    }

    private static String sum(Diagnosis diagnosis) {
        if (diagnosis.findings().isEmpty()) {
            return "nothing found";
        }
        return count(diagnosis.errors(), "error") + ", " + count(diagnosis.warnings(), "warning") + ", "
                + count(diagnosis.notes(), "note");
    }

    private static String count(int count, String noun) {
        return count + " " + noun + (count == 1 ? "" : "s");
    }

    private void line(String words) {
        text.append(words).append('\n');
    }
}
