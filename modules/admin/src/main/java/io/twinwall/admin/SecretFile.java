/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.admin;

import io.twinwall.base.ExitCode;
import io.twinwall.base.Fatal;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Set;

/** Small files that the admin server is configured by. */
final class SecretFile {
    private static final Set<PosixFilePermission> TOO_OPEN = EnumSet.of(
            PosixFilePermission.GROUP_WRITE, PosixFilePermission.OTHERS_READ, PosixFilePermission.OTHERS_WRITE);

    private SecretFile() {}

    /**
     * The bytes of a file that its owner and its group alone may read.
     *
     * @param what names it in messages
     * @throws Fatal with the remedy when it is open to others, longer than {@code bytesMax}, or cannot be read
     */
    static byte[] read(Path file, String what, int bytesMax) {
        try {
            if (Files.getPosixFilePermissions(file).stream().anyMatch(TOO_OPEN::contains)) {
                throw new Fatal(ExitCode.NO_PERMISSION, what + " " + file + " is open to others; chmod 600 " + file);
            }
        } catch (IOException e) {
            throw unreadable(file, what, e);
        }
        return readOpen(file, what, bytesMax);
    }

    /** As {@link #read}, of a file that everybody may read. */
    static byte[] readOpen(Path file, String what, int bytesMax) {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(bytesMax + 1);
            if (bytes.length > bytesMax) {
                throw new Fatal(
                        ExitCode.CONFIG,
                        what + " " + file + " is longer than " + bytesMax + " bytes; is it the right one?");
            }
            return bytes;
        } catch (IOException e) {
            throw unreadable(file, what, e);
        }
    }

    private static Fatal unreadable(Path file, String what, IOException e) {
        if (e instanceof NoSuchFileException) {
            return new Fatal(ExitCode.CONFIG, "no " + file + ", " + what + " of [admin.remote]", e);
        }
        ExitCode code = e instanceof AccessDeniedException ? ExitCode.NO_PERMISSION : ExitCode.ENVIRONMENT;
        return new Fatal(
                code,
                "cannot read " + what + " " + file + " (" + e.getClass().getSimpleName()
                        + "); make it readable to the user of this program",
                e);
    }
}
