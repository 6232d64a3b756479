/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.alerts.AlertKind;
import io.twinwall.alerts.AlertPolicy;
import io.twinwall.alerts.AlertSpec;
import io.twinwall.alerts.Severity;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Alerts: what is taken, and what is refused with which words. */
class ConfigAlertTest {
    private static final long S = 1_000_000_000L;
    private static final AlertPolicy DEFAULT = new AlertPolicy(List.of(), Severity.WARNING, 3_600 * S, 30);
    private static final String MAIL =
            "kind = \"mail\"\nserver = \"mail.example.net\"\nfrom = \"fw@example.net\"\nto = [\"ops@example.net\"]\n";
    private static final String WEBHOOK = "kind = \"webhook\"\nurl = \"https://chat.example.net/hook\"\n";
    private static final String SCRIPT = "kind = \"script\"\ncommand = [\"/bin/true\"]\n";

    @Test
    void shouldFillInEachKind() {
        assertEquals(
                new AlertSpec(
                        "mail",
                        DEFAULT,
                        new AlertSpec.Mail(
                                "mail.example.net",
                                587,
                                AlertSpec.Security.STARTTLS,
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty(),
                                "fw@example.net",
                                List.of("ops@example.net")),
                        30 * S,
                        1_800 * S),
                alert(MAIL));
        assertEquals(
                new AlertSpec(
                        "webhook",
                        DEFAULT,
                        new AlertSpec.Webhook(
                                URI.create("https://chat.example.net/hook"), Optional.empty(), Optional.empty()),
                        30 * S,
                        1_800 * S),
                alert(WEBHOOK));
        assertEquals(
                new AlertSpec("script", DEFAULT, new AlertSpec.Script(List.of("/bin/true")), 30 * S, 1_800 * S),
                alert(SCRIPT));
        assertEquals(465, mail("security = \"tls\"\n").port());
        assertEquals(25, mail("security = \"plain\"\n").port());
        assertEquals(2525, mail("port = 2525\n").port());
    }

    @Test
    void shouldTakeWhatAReceiverWantsToBeTold() {
        AlertPolicy policy = alert(SCRIPT
                        + "kinds = [\"two-actives\", \"lease-restored\"]\nmin-severity = \"info\"\nrepeat-minutes = 0\n"
                        + "per-hour = 6\n")
                .policy();
        assertEquals(
                new AlertPolicy(List.of(AlertKind.TWO_ACTIVES, AlertKind.LEASE_RESTORED), Severity.INFO, 0, 6), policy);
        String all =
                AlertKind.choice().stream().map(kind -> '"' + kind.word() + '"').collect(Collectors.joining(", "));
        assertEquals(
                AlertKind.choice(),
                alert(SCRIPT + "kinds = [" + all + "]\n").policy().kinds());
    }

    @Test
    void shouldRefuseWhatIsNoKindOrNotOfItsKind() {
        refused("kind = \"pigeon\"\n", "kind: expected one of mail, webhook, script, found \"pigeon\"");
        refused("name = \"x\"\n", "kind: expected one of mail");
        refused(SCRIPT + "server = \"x\"\n", "server: expected one of the keys kind, command, name, kinds");
        refused(SCRIPT + "kinds = [\"peer-lots\"]\n", "kinds: expected a list of some of \"peer-lost\", \"peer-deaf\"");
        refused(SCRIPT + "kinds = [\"test\"]\n", "kinds: expected a list of some of");
        refused(SCRIPT + "kinds = []\n", "kinds: expected a list of some of");
        refused(SCRIPT + "kinds = [\"late\", \"late\"]\n", "kinds: expected a list of some of");
        refused(SCRIPT + "min-severity = \"grave\"\n", "min-severity: expected one of info, warning, critical");
        refused(SCRIPT + "repeat-minutes = 10081\n", "repeat-minutes: expected a whole number 0..10080");
        refused(SCRIPT + "per-hour = 0\n", "per-hour: expected a whole number 1..600");
        refused(SCRIPT + "timeout-s = 0\n", "timeout-s: expected a whole number 1..300");
        refused(SCRIPT + "retry-minutes = -1\n", "retry-minutes: expected a whole number 0..1440");
        refused(SCRIPT + "name = \"Ops team\"\n", "name: expected a lower-case letter");
        assertEquals(
                "did you mean 'min-severity'?",
                text(SCRIPT + "min-severty = \"info\"\n").replaceAll("(?s).*; ", ""));
    }

    @Test
    void shouldRefuseMailThatCannotWork() {
        refused(MAIL.replace("server = \"mail.example.net\"\n", ""), "server: expected the name or address");
        refused(MAIL.replace("mail.example.net", "mail example"), "server: expected the name or address");
        refused(MAIL + "security = \"ssl\"\n", "security: expected one of tls, starttls, plain");
        refused(MAIL + "port = 0\n", "port: expected a whole number 1..65535");
        refused(MAIL + "user = \"fw\"\n", "user: expected user and password-file, or neither");
        refused(MAIL + "password-file = \"/p\"\n", "password-file: expected user and password-file, or neither");
        refused(MAIL + "user = \"fw\"\npassword-file = \"p\"\n", "password-file: expected an absolute path");
        refused(MAIL + "security = \"plain\"\nca-file = \"/ca\"\n", "ca-file: expected ca-file only where security is");
        for (String address :
                List.of("ops", "ops@", "@x", "a b@x", "a..b@x", ".a@x", "a.@x", "a@x\\nBcc: y@z", "a@b@c")) {
            refused(MAIL.replace("fw@example.net", address), "from: expected an address");
            refused(MAIL.replace("ops@example.net", address), "to: expected a list of 1..32 addresses");
        }
        refused(MAIL.replace("[\"ops@example.net\"]", "\"ops@example.net\""), "to: expected a list");
        refused(MAIL.replace("[\"ops@example.net\"]", "[]"), "to: expected a list");
        refused(MAIL.replace("[\"ops@example.net\"]", "[\"a@x\", \"a@x\"]"), "to: expected a list");
        assertEquals(
                Optional.of(Path.of("/p")),
                mail("user = \"fw\"\npassword-file = \"/p\"\n").passwordFile());
    }

    @Test
    void shouldRefuseWebhooksThatCannotWork() {
        for (String url : List.of(
                "ftp://x/",
                "https:///x",
                "//x/y",
                "https://user:pw@x/",
                "https://x/#y",
                "https://x:0/",
                "https://x:65536/",
                "https://x y/",
                "mailto:a@b")) {
            refused(WEBHOOK.replace("https://chat.example.net/hook", url), "url: expected \"https://host/path\"");
        }
        refused(
                WEBHOOK.replace("https:", "http:") + "ca-file = \"/ca\"\n",
                "ca-file: expected ca-file only beside an https url");
        refused(WEBHOOK + "secret = \"x\"\n", "secret: expected one of the keys kind, url, secret-file, ca-file");
    }

    @Test
    void shouldWarnOfWhatAnybodyCanRead() {
        assertTrue(warnings(MAIL + "security = \"plain\"\nuser = \"a\"\npassword-file = \"/p\"\n")
                .contains("alert[0].security: expected tls or starttls beside a password"));
        assertTrue(warnings(WEBHOOK.replace("https:", "http:")).contains("alert[0].url: expected https"));
        assertFalse(warnings(MAIL).contains("alert"));
    }

    @Test
    void shouldRefuseTwoOfOneNameAndTooMany() {
        String one = "[[alert]]\n" + SCRIPT;
        assertTrue(problems(one + one)
                .contains("alert[1].name: expected another value than alert[0].name, found the same, script"));
        String many = IntStream.range(0, 17)
                .mapToObj(i -> one + "name = \"a" + i + "\"\n")
                .collect(Collectors.joining());
        assertTrue(problems(many).contains("alert[16].kind: expected at most 16 [[alert]], found 17"));
    }

    private static AlertSpec alert(String lines) {
        ConfigReport report = check("[[alert]]\n" + lines);
        return report.config()
                .orElseThrow(() -> new AssertionError(lines + report.problems()))
                .alerts()
                .getFirst();
    }

    private static AlertSpec.Mail mail(String more) {
        return (AlertSpec.Mail) alert(MAIL + more).target();
    }

    private static void refused(String lines, String expected) {
        assertTrue(text(lines).contains(": alert[0]." + expected), expected + " is not in " + text(lines));
    }

    private static String text(String lines) {
        return problems("[[alert]]\n" + lines);
    }

    private static String problems(String more) {
        return check(more).problems().stream().map(ConfigProblem::text).collect(Collectors.joining("\n"));
    }

    private static String warnings(String lines) {
        return check("[[alert]]\n" + lines).warnings().stream()
                .map(ConfigProblem::text)
                .collect(Collectors.joining("\n"));
    }

    private static ConfigReport check(String more) {
        return ConfigFile.check("f.toml", ConfigSamples.SHORT + more);
    }
}
