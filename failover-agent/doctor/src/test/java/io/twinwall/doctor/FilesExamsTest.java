/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.doctor;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The key, directories, hooks and scripts. */
class FilesExamsTest {
    private static final Path KEY = Path.of("/etc/twinwall/cluster.key");

    private final FakeHost host = new FakeHost();
    private final Plans plans = new Plans();

    @Test
    void shouldWantAKey() {
        host.files.remove(KEY);
        Seen.on(host)
                .mendedBy(
                        "key-missing", Severity.ERROR, "(umask 077; openssl rand -hex 32 > /etc/twinwall/cluster.key)");
    }

    @Test
    void shouldWantTheKeyClosedToOthers() {
        host.file(KEY.toString(), "rw-r-----");
        Seen.on(host).mendedBy("key-mode", Severity.ERROR, "chmod 600 /etc/twinwall/cluster.key");
        host.file(KEY.toString(), "r--------");
        Seen.on(host).none("key-mode");
    }

    @Test
    void shouldWantTheKeyToBelongToTheAgent() {
        host.files.put(KEY, new FileFacts(false, "rw-------", false, 1000, false, "ext4"));
        Seen.on(host).mendedBy("key-owner", Severity.WARNING, "chown 0 /etc/twinwall/cluster.key");
        host.rights = new Rights(false, 100, 1001, FakeHost.ALL_CAPABILITIES);
        Seen.on(host).none("key-owner");
        host.rights = new Rights(true, 812, 1001, FakeHost.ALL_CAPABILITIES);
        Seen.on(host).mendedBy("key-owner", Severity.WARNING, "chown 1001 /etc/twinwall/cluster.key");
    }

    @Test
    void shouldWantItsDirectoryClosedToOthers() {
        host.directory("/etc/twinwall", "rwxrwxr-x", "ext4");
        Seen.on(host).mendedBy("key-directory", Severity.WARNING, "chmod go-w /etc/twinwall");
    }

    @Test
    void shouldWantAKeyInTheKeyFile() {
        host.keyProblem = "the cluster key is not one or two lines of [id:]64 hex digits";
        Seen.on(host).advised("key-malformed", Severity.ERROR);
    }

    @Test
    void shouldQuoteWhatAShellWouldTakeApart() {
        plans.key = Path.of("/etc/two walls/it's.key");
        Finding missing = Seen.on(host, plans.plan()).one("key-missing", Severity.ERROR);
        assertTrue(
                missing.remedy().commands().getFirst().contains("> '/etc/two walls/it'\\''s.key')"), missing::toString);
    }

    @Test
    void shouldWantTheStateToOutliveAReboot() {
        host.directory("/var/lib/twinwall", "tmpfs");
        Seen.on(host).advised("state-volatile", Severity.WARNING);
        plans.state = Path.of("/dev/shm/state");
        Seen.on(host, plans.plan())
                .mendedBy(
                        "state-volatile",
                        Severity.WARNING,
                        "grep -q '^ *\\[state\\]' /etc/twinwall/twinwall.toml || printf '\\n[state]\\n' >>"
                                + " /etc/twinwall/twinwall.toml",
                        "sed -i -e '/^ *\\[state\\]/,/^ *\\[/{/^ *directory *=/d}'"
                                + " -e '/^ *\\[state\\]/a directory = \"/var/lib/twinwall\"'"
                                + " /etc/twinwall/twinwall.toml");
    }

    @Test
    void shouldNoteBuffersOnADisk() {
        plans.runtime = Path.of("/var/cache/twinwall");
        host.directory("/var", "ext4");
        Seen.on(host, plans.plan())
                .mendedBy(
                        "runtime-on-disk",
                        Severity.NOTE,
                        "grep -q '^ *\\[runtime\\]' /etc/twinwall/twinwall.toml"
                                + " || printf '\\n[runtime]\\n' >> /etc/twinwall/twinwall.toml",
                        "sed -i -e '/^ *\\[runtime\\]/,/^ *\\[/{/^ *directory *=/d}'"
                                + " -e '/^ *\\[runtime\\]/a directory = \"/dev/shm/twinwall\"'"
                                + " /etc/twinwall/twinwall.toml");
    }

    @Test
    void shouldWantDirectoriesClosedToOthers() {
        host.directory("/run/twinwall", "rwxrwxrwx", "tmpfs");
        host.directory("/var/lib/twinwall", "rwxrwxr-x", "ext4");
        Seen seen = Seen.on(host);
        seen.mendedBy("socket-directory", Severity.WARNING, "chmod go-w /run/twinwall");
        seen.mendedBy("state-directory", Severity.WARNING, "chmod go-w /var/lib/twinwall");
    }

    @Test
    void shouldNotTakeTheRightsOfADirectoryThatIsEverybodys() {
        host.files.put(Path.of("/run/twinwall"), new FileFacts(true, "rwxrwxrwt", true, 0, true, "tmpfs"));
        Seen.on(host).none("socket-directory");
    }

    @Test
    void shouldWantProgramsThatCanBeRunAndNotBeReplaced() {
        plans.programs.add(Path.of("/etc/twinwall/hooks/tell"));
        Seen.on(host, plans.plan()).advised("program-missing", Severity.WARNING);
        host.directory("/etc/twinwall/hooks/tell", "ext4");
        Seen.on(host, plans.plan()).advised("program-missing", Severity.WARNING);
        host.file("/etc/twinwall/hooks/tell", "rw-r--r--");
        Seen.on(host, plans.plan())
                .mendedBy("program-not-executable", Severity.WARNING, "chmod u+x /etc/twinwall/hooks/tell");
        host.file("/etc/twinwall/hooks/tell", "rwxrwxr-x");
        Seen.on(host, plans.plan()).mendedBy("program-open", Severity.WARNING, "chmod go-w /etc/twinwall/hooks/tell");
        host.file("/etc/twinwall/hooks/tell", "rwxr-xr-x");
        Seen.on(host, plans.plan()).none("program-open").none("program-not-executable");
    }
}
