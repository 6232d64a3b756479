/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.base.ExitCode;
import io.twinwall.base.Fatal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HexFormat;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClusterKeyTest {
    private static final String ONE = HexFormat.of().formatHex(Samples.bytes(1));
    private static final String TWO = HexFormat.of().formatHex(Samples.bytes(2));

    @TempDir
    Path directory;

    private Path file;

    @BeforeEach
    void shouldHaveFile() {
        file = directory.resolve("cluster.key");
    }

    private ClusterKey read(String text, String mode) throws IOException {
        Files.writeString(file, text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
        return ClusterKey.read(file);
    }

    @Test
    void shouldReadOneKeyOrTwo() throws IOException {
        ClusterKey one = read(ONE + "\n", "rw-------");
        assertEquals(1, one.sendKeyId());
        assertTrue(one.accepts(1));
        assertFalse(one.accepts(2));
        ClusterKey two = read("2:" + TWO + "\n1:" + ONE, "r--------");
        assertEquals(2, two.sendKeyId());
        assertTrue(two.accepts(1) && two.accepts(2));
        assertEquals(one.secret(1), two.secret(1));
    }

    @Test
    void shouldRefuseFileOthersCanRead() {
        Fatal fatal = assertThrows(Fatal.class, () -> read(ONE, "rw-r-----"));
        assertEquals(ExitCode.NO_PERMISSION, fatal.exitCode());
        assertTrue(fatal.getMessage().contains("chmod 600 " + file), fatal.getMessage());
    }

    @Test
    void shouldNameRemedyWhenFileIsMissingOrMalformed() {
        assertTrue(assertThrows(Fatal.class, () -> ClusterKey.read(file))
                .getMessage()
                .contains("openssl rand"));
        for (String bad : new String[] {
            "",
            "xyz",
            ONE.substring(1),
            ONE + "0",
            "0:" + ONE,
            "256:" + ONE,
            ONE + "\n" + TWO,
            "1:" + ONE + "\n2:" + TWO + "\n3:" + ONE,
        }) {
            Fatal fatal = assertThrows(Fatal.class, () -> read(bad, "rw-------"), bad);
            assertEquals(ExitCode.CONFIG, fatal.exitCode());
            assertFalse(fatal.getMessage().contains(ONE.substring(2, 60)), "the key is in the message");
        }
    }

    @Test
    void shouldNeverPrintTheKey() {
        ClusterKey key = ClusterKey.of(1, Samples.bytes(1));
        String text = key + " " + Samples.keysOfA();
        assertEquals("ClusterKey[key 1] SessionKeys[LinkIdentity[clusterId=7, nodeId=1, peerId=2], key 1]", text);
    }

    @Test
    void shouldDeriveDifferentKeysForEverythingThatDiffers() {
        ClusterKey key = ClusterKey.of(1, Samples.bytes(1));
        assertEquals(key.tableHashSeed(7), ClusterKey.of(1, Samples.bytes(1)).tableHashSeed(7));
        assertNotEquals(key.tableHashSeed(7), key.tableHashSeed(8));
        assertNotEquals(key.tableHashSeed(7), ClusterKey.of(1, Samples.bytes(2)).tableHashSeed(7));
        assertNotEquals(key.heartbeatKey(7, 1), key.heartbeatKey(8, 1));
        assertEquals(Samples.keysOfA().sendTag(), Samples.keysOfB().receiveTag());
        assertEquals(Samples.keysOfA().receiveTag(), Samples.keysOfB().sendTag());
        assertNotEquals(Samples.keysOfA().receiveTag(), Samples.keysOfA().sendTag());
    }
}
