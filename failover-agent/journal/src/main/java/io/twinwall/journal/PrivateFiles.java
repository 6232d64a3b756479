/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.journal;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** What only the user of the agent may read: a journal tells who talked to whom, and how this node is set up. */
final class PrivateFiles {
    private static final Set<PosixFilePermission> DIRECTORY = PosixFilePermissions.fromString("rwx------");
    private static final Set<PosixFilePermission> FILE = PosixFilePermissions.fromString("rw-------");

    private PrivateFiles() {}

    /** Makes {@code directory}, which nobody else may enter from its first moment; one that is there is tightened. */
    static void directory(Path directory) throws IOException {
        if (directory.getParent() != null) {
            Files.createDirectories(directory.getParent());
        }
        try {
            Files.createDirectory(directory, PosixFilePermissions.asFileAttribute(DIRECTORY));
        } catch (FileAlreadyExistsException e) {
            if (!Files.isDirectory(directory)) {
                throw e;
            }
            tighten(directory);
        }
    }

    /** Takes from everybody else what they may do with {@code directory} and the files in it, if it is there. */
    static void tighten(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            return;
        }
        tighten(directory, DIRECTORY);
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
            for (Path file : files) {
                if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
                    tighten(file, FILE);
                }
            }
        }
    }

    private static void tighten(Path path, Set<PosixFilePermission> most) throws IOException {
        try {
            if (!most.containsAll(Files.getPosixFilePermissions(path))) {
                Files.setPosixFilePermissions(path, most);
            }
        } catch (NoSuchFileException e) {
            // Another thread of the agent has moved it.
        }
    }

    /** As {@link FileChannel#open(Path, Set, java.nio.file.attribute.FileAttribute[])}; a file that it makes is private. */
    static FileChannel open(Path file, OpenOption... options) throws IOException {
        return FileChannel.open(file, Set.of(options), PosixFilePermissions.asFileAttribute(FILE));
    }
}
