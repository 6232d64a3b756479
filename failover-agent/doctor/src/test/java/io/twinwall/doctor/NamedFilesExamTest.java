/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** The configuration itself, and the files it names. */
class NamedFilesExamTest {
    private static final String CONFIGURATION = "/etc/twinwall/twinwall.toml";
    private static final String SECRET = "/etc/twinwall/mail.password";
    private static final String KEY = "/etc/twinwall/tls.key";
    private static final String CERTIFICATE = "/etc/twinwall/tls.crt";
    private static final long DAY_S = 86_400;

    private final FakeHost host = new FakeHost();
    private final Plans plans = new Plans();

    private void kept(String file, String mode, Plan.Care care) {
        plans.kept.add(new Plan.Kept(Path.of(file), "the subject", care));
        host.file(file, mode);
    }

    private Seen seen() {
        return Seen.on(host, plans.plan());
    }

    @Test
    void shouldFindNothingInFilesThatAreKept() {
        kept(SECRET, "rw-------", Plan.Care.SECRET);
        kept(KEY, "rw-r-----", Plan.Care.GROUP_SECRET);
        kept(CERTIFICATE, "rw-r--r--", Plan.Care.CERTIFICATE);
        kept("/etc/twinwall/ca.pem", "rw-r--r--", Plan.Care.PUBLIC);
        plans.journal = Path.of("/var/lib/twinwall/journal");
        host.directory("/var/lib/twinwall/journal", "rwx------", "ext4");
        assertEquals(List.of("daemon-not-running"), seen().ids());
    }

    @Test
    void shouldWantFilesThatAreThere() {
        kept(SECRET, "rw-------", Plan.Care.SECRET);
        host.files.remove(Path.of(SECRET));
        seen().advised("file-missing", Severity.WARNING);
        kept(CERTIFICATE, "rw-r--r--", Plan.Care.CERTIFICATE);
        host.file(SECRET, "rw-------");
        host.files.remove(Path.of(CERTIFICATE));
        seen().advised("file-missing", Severity.ERROR);
    }

    @Test
    void shouldWantSecretsClosedToOthers() {
        kept(SECRET, "rw-r-----", Plan.Care.SECRET);
        seen().mendedBy("secret-mode", Severity.WARNING, "chmod 600 " + SECRET);
        for (String mode : List.of("rw-rw----", "rw----r--")) {
            plans.kept.clear();
            kept(KEY, mode, Plan.Care.GROUP_SECRET);
            seen().mendedBy("secret-mode", Severity.ERROR, "chmod 600 " + KEY);
        }
    }

    @Test
    void shouldWantWhatIsTrustedClosedToOthersWriting() {
        kept("/etc/twinwall/ca.pem", "rw-rw-r--", Plan.Care.PUBLIC);
        seen().mendedBy("file-open", Severity.ERROR, "chmod go-w /etc/twinwall/ca.pem");
    }

    @Test
    void shouldWantFilesToBelongToRootOrTheAgent() {
        kept(SECRET, "rw-------", Plan.Care.SECRET);
        host.files.put(Path.of(SECRET), new FileFacts(false, "rw-------", false, 1000, false, "ext4"));
        seen().mendedBy("file-owner", Severity.WARNING, "chown root " + SECRET);
        host.rights = new Rights(true, 812, 1001, FakeHost.ALL_CAPABILITIES);
        seen().mendedBy("file-owner", Severity.WARNING, "chown 1001 " + SECRET);
        host.rights = new Rights(true, 812, 1000, FakeHost.ALL_CAPABILITIES);
        seen().none("file-owner");
    }

    @Test
    void shouldTellACertificateThatIsOverOrSoonWillBe() {
        kept(CERTIFICATE, "rw-r--r--", Plan.Care.CERTIFICATE);
        host.certificateLeftS = OptionalLong.of(14 * DAY_S);
        seen().none("certificate-ends").none("certificate-over");
        host.certificateLeftS = OptionalLong.of(14 * DAY_S - 1);
        seen().advised("certificate-ends", Severity.WARNING);
        host.certificateLeftS = OptionalLong.of(-3 * DAY_S);
        seen().none("certificate-ends").advised("certificate-over", Severity.ERROR);
        host.certificateLeftS = OptionalLong.empty();
        seen().advised("certificate-malformed", Severity.ERROR);
    }

    @Test
    void shouldWantTheKeyThatIsTheCertificates() {
        kept(CERTIFICATE, "rw-r--r--", Plan.Care.CERTIFICATE);
        kept(KEY, "rw-------", Plan.Care.GROUP_SECRET);
        host.certificateKeyProblem = "the key is another certificate's";
        seen().none("certificate-key");
        plans.tls = new Plan.Tls(Path.of(CERTIFICATE), Path.of(KEY));
        seen().advised("certificate-key", Severity.ERROR);
        host.files.remove(Path.of(KEY));
        seen().none("certificate-key").advised("file-missing", Severity.ERROR);
    }

    @Test
    void shouldWantTheConfigurationClosedToOthersWriting() {
        host.file(CONFIGURATION, "rw-rw-r--");
        plans.secretUrls = true;
        seen().none("configuration-readable")
                .mendedBy("configuration-open", Severity.ERROR, "chmod go-w " + CONFIGURATION);
    }

    @Test
    void shouldNoteThatOthersMayReadTheUrlsOfWebhooks() {
        seen().none("configuration-readable");
        plans.secretUrls = true;
        seen().mendedBy("configuration-readable", Severity.NOTE, "chmod 600 " + CONFIGURATION);
        host.file(CONFIGURATION, "rw-------");
        seen().none("configuration-readable");
    }

    @Test
    void shouldWantTheJournalClosedToOthers() {
        plans.journal = Path.of("/var/lib/twinwall/journal");
        seen().none("journal-directory");
        host.directory("/var/lib/twinwall/journal", "rwx--x---", "ext4");
        seen().mendedBy("journal-directory", Severity.WARNING, "chmod 700 /var/lib/twinwall/journal");
    }
}
