/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.alerts;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SecretFileTest {
    @TempDir
    private Path directory;

    @Test
    void shouldReadTheFirstLine() throws IOException {
        assertEquals("p@ss word", SecretFile.read(file("p@ss word\r\nnot this\n", "rw-------")));
        assertEquals("alone", SecretFile.read(file("alone", "r--------")));
    }

    @Test
    void shouldRefuseWhatOthersMayRead() throws IOException {
        for (String mode : new String[] {"rw-r-----", "rw----r--", "rw--w----"}) {
            Path file = file("secret\n", mode);
            IOException refused = assertThrows(IOException.class, () -> SecretFile.read(file));
            assertTrue(refused.getMessage().contains("open to others")
                    && !refused.getMessage().contains("secret\n"));
        }
    }

    @Test
    void shouldSayWhatIsWrongWithIt() throws IOException {
        Path missing = directory.resolve("missing");
        assertEquals(
                missing + " is not there",
                assertThrows(IOException.class, () -> SecretFile.read(missing)).getMessage());
        Path empty = file("\nx", "rw-------");
        assertEquals(
                empty + " is empty",
                assertThrows(IOException.class, () -> SecretFile.read(empty)).getMessage());
    }

    private Path file(String text, String mode) throws IOException {
        Path file = Files.createTempFile(directory, "secret", "");
        Files.writeString(file, text);
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
    }
}
