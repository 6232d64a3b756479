/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.alerts;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Set;

/** A file with a password or a secret: its first line. */
final class SecretFile {
    private static final int BYTES_MAX = 4_096;
    private static final Set<PosixFilePermission> OWNERS = EnumSet.of(
            PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE, PosixFilePermission.OWNER_EXECUTE);

    private SecretFile() {}

    /** Throws when it is not there, is empty, or is open to others than its owner; the message says which. */
    static String read(Path file) throws IOException {
        try {
            if (!OWNERS.containsAll(Files.getPosixFilePermissions(file))) {
                throw new IOException(file + " is open to others than its owner; its mode is to be 0600");
            }
            try (InputStream in = Files.newInputStream(file)) {
                String text = new String(in.readNBytes(BYTES_MAX), StandardCharsets.UTF_8);
                String line = text.lines().findFirst().orElse("");
                if (line.isEmpty()) {
                    throw new IOException(file + " is empty");
                }
                return line;
            }
        } catch (NoSuchFileException e) {
            throw new IOException(file + " is not there", e);
        } catch (AccessDeniedException e) {
            throw new IOException(file + " may not be read", e);
        }
    }
}
