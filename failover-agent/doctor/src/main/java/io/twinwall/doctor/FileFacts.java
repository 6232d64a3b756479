/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.doctor;

/**
 * A file or directory, links followed.
 *
 * @param mode as ls(1) shows it, without the type: {@code rw-------}
 * @param sticky what others put into the directory is nobody else's to replace, as in {@code /tmp}
 * @param executable whether this user may run it
 * @param fileSystem the kernel's name of the type it lies on, {@code tmpfs} or {@code ext4}
 */
public record FileFacts(
        boolean directory, String mode, boolean sticky, long uid, boolean executable, String fileSystem) {
    private static final int GROUP_WRITE = 4;
    private static final int OTHERS_READ = 6;
    private static final int OTHERS_WRITE = 7;

    /** Whether others than the owner may read it or write to it. */
    boolean openToOthers() {
        return mode.substring(3).chars().anyMatch(bit -> bit == 'r' || bit == 'w');
    }

    /** Whether others than the owner may put something else in its place, or in it. */
    boolean writableByOthers() {
        return !(directory && sticky) && (mode.charAt(GROUP_WRITE) == 'w' || mode.charAt(OTHERS_WRITE) == 'w');
    }

    /** Whether nobody but the owner may do anything with it. */
    boolean ownersAlone() {
        return mode.endsWith("------");
    }

    /** Whether others than the owner and its group may read it, or others than the owner write to it. */
    boolean openBeyondGroup() {
        return writableByOthers() || mode.charAt(OTHERS_READ) == 'r';
    }

    boolean inMemory() {
        return fileSystem.equals("tmpfs") || fileSystem.equals("ramfs");
    }
}
