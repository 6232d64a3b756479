/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.admin;

import io.twinwall.admin.AdminConfig.AdminSocket;
import io.twinwall.base.ExitCode;
import io.twinwall.base.Fatal;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import java.util.Set;

/**
 * The path of a Unix domain socket, owned by at most one process.
 *
 * <p>Idea: a lock on {@code <socket>.lock} says who owns the path; the kernel drops it with its holder, so whatever
 * lies at the path while we hold the lock is stale. {@code bind(2)} would create the socket with the mode the umask
 * leaves, open to others until {@code chmod}; so it is bound inside a directory of mode 0700, given its group and mode
 * there, and moved into place, which also replaces a stale one without a gap.
 */
final class SocketFile implements AutoCloseable {
    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rw-------");
    private static final Set<PosixFilePermission> OWNER_AND_GROUP = PosixFilePermissions.fromString("rw-rw----");

    private final Path socket;
    private final Path nursery;
    private final FileChannel lock;
    private Object published;
    private GroupPrincipal ownGroup;

    private SocketFile(Path socket, FileChannel lock) {
        this.socket = socket;
        this.nursery = nursery(socket);
        this.lock = lock;
    }

    /**
     * Takes the path, making its directory when absent.
     *
     * @throws Fatal UNAVAILABLE when a live process owns it or something lies there that is no socket; NO_PERMISSION
     */
    static SocketFile claim(Path path) {
        Path socket = path.toAbsolutePath();
        if (socket.toString().getBytes(StandardCharsets.UTF_8).length > AdminConfig.SOCKET_PATH_BYTES_MAX) {
            throw new Fatal(
                    ExitCode.CONFIG,
                    "admin socket " + socket + ": longer than " + AdminConfig.SOCKET_PATH_BYTES_MAX
                            + " bytes; choose a shorter path");
        }
        FileChannel lock = null;
        try {
            Files.createDirectories(socket.getParent());
            lock = lock(socket);
            refuseWhatIsNoSocket(socket);
            SocketFile file = new SocketFile(socket, lock);
            file.makeNursery();
            return file;
        } catch (IOException e) {
            closeQuietly(lock);
            throw fatal(socket, e);
        } catch (Fatal e) {
            closeQuietly(lock);
            throw e;
        }
    }

    /** Where to bind. */
    Path birthplace() {
        return nursery.resolve("s");
    }

    /** Moves the bound socket into place, to be opened by whom {@code who} says, and by nobody else. */
    void publish(AdminSocket who) {
        try {
            ownGroup = Files.readAttributes(birthplace(), PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                    .group();
            permit(birthplace(), who);
            published = identity(birthplace());
            Files.move(birthplace(), socket, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            Files.delete(nursery);
        } catch (IOException e) {
            throw fatal(socket, e);
        }
    }

    /**
     * Changes who may open the socket that serves; connections under way go on.
     *
     * @throws Fatal as {@link #publish}; for a group that is not there the socket stays as it was
     */
    void permit(AdminSocket who) {
        try {
            permit(socket, who);
        } catch (IOException e) {
            throw fatal(socket, e);
        }
    }

    private void permit(Path file, AdminSocket who) throws IOException {
        GroupPrincipal group = who.group() == null ? ownGroup : group(file, who.group());
        // First what closes: the mode of the one must never stand beside the group of the other.
        Files.setPosixFilePermissions(file, OWNER_ONLY);
        PosixFileAttributeView view =
                Files.getFileAttributeView(file, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
        view.setGroup(group);
        if (who.groupMay()) {
            Files.setPosixFilePermissions(file, OWNER_AND_GROUP);
        }
    }

    private static GroupPrincipal group(Path file, String name) throws IOException {
        try {
            return file.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByGroupName(name);
        } catch (UserPrincipalNotFoundException e) {
            throw new Fatal(
                    ExitCode.CONFIG,
                    "[admin] socket-group: this host has no group \"" + name + "\"; add it: groupadd --system " + name,
                    e);
        }
    }

    /** Removes the socket if it is still ours, and gives the path up. The lock file stays: removing it would race. */
    @Override
    public void close() {
        try {
            clearNursery();
            if (published != null && published.equals(identity(socket))) {
                Files.delete(socket);
            }
        } catch (IOException e) {
            // Gone already, or no longer ours to remove; the next owner replaces it.
        }
        closeQuietly(lock);
    }

    private static FileChannel lock(Path socket) throws IOException {
        Path file = socket.resolveSibling(socket.getFileName() + ".lock");
        FileChannel channel = FileChannel.open(
                file,
                Set.of(
                        StandardOpenOption.CREATE,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE,
                        LinkOption.NOFOLLOW_LINKS),
                PosixFilePermissions.asFileAttribute(OWNER_ONLY));
        boolean taken = false;
        try {
            taken = channel.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            // Held by this very process: as alive as any other.
        }
        if (!taken) {
            String holder = Files.readString(file).strip();
            channel.close();
            throw new Fatal(
                    ExitCode.UNAVAILABLE,
                    "admin socket " + socket + ": process " + (holder.isEmpty() ? "unknown" : holder)
                            + " serves it already; stop that one, or give this one another [admin] socket");
        }
        channel.truncate(0);
        channel.write(ByteBuffer.wrap((ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.US_ASCII)));
        return channel;
    }

    private static void refuseWhatIsNoSocket(Path socket) throws IOException {
        if (Files.exists(socket, LinkOption.NOFOLLOW_LINKS)
                && !Files.readAttributes(socket, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                        .isOther()) {
            throw new Fatal(
                    ExitCode.UNAVAILABLE,
                    "admin socket " + socket + ": something that is no socket lies there; remove it, or give [admin]"
                            + " socket another path");
        }
    }

    private static Path nursery(Path socket) {
        return socket.resolveSibling("." + socket.getFileName() + ".new");
    }

    private void makeNursery() throws IOException {
        clearNursery();
        Files.createDirectory(
                nursery, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }

    private void clearNursery() throws IOException {
        if (Files.isDirectory(nursery, LinkOption.NOFOLLOW_LINKS)) {
            Files.deleteIfExists(birthplace());
        }
        Files.deleteIfExists(nursery);
    }

    private static Object identity(Path path) throws IOException {
        return Files.getAttribute(path, "unix:ino", LinkOption.NOFOLLOW_LINKS);
    }

    private static Fatal fatal(Path socket, IOException e) {
        if (e instanceof AccessDeniedException) {
            return new Fatal(
                    ExitCode.NO_PERMISSION,
                    "admin socket " + socket + ": permission denied; run as root, or give [admin] socket a path this"
                            + " user may write",
                    e);
        }
        String reason = e instanceof NoSuchFileException
                ? "no such file"
                : e instanceof FileSystemException f && f.getReason() != null ? f.getReason() : e.getMessage();
        return new Fatal(
                ExitCode.ENVIRONMENT,
                "admin socket " + socket + ": " + reason + "; check the directory, or give [admin] socket another path",
                e);
    }

    private static void closeQuietly(FileChannel channel) {
        if (channel != null) {
            try {
                channel.close();
            } catch (IOException e) {
                // Nothing was written that could be lost.
            }
        }
    }
}
