/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.trackers;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.OptionalInt;

/**
 * The processes as {@code /proc} shows them. A process may end between two looks, so that any file may be missing: it does not
 * live then. Reads one small file a question.
 */
final class ProcFs implements ProcessTable {
    private static final Path PROC = Path.of("/proc");
    private static final int PID_FILE_BYTES_MAX = 64;

    @Override
    public boolean lives(int pid) {
        return !comm(pid).isEmpty();
    }

    /** {@code /proc/PID/stat}: "pid (comm) state ...", where comm may hold anything, also blanks and parentheses. */
    @Override
    public String comm(int pid) {
        String stat = text(PROC.resolve(pid + "/stat"), 512);
        int open = stat.indexOf('(');
        int close = stat.lastIndexOf(')');
        if (open < 0 || close < open || close + 2 >= stat.length()) {
            return "";
        }
        char state = stat.charAt(close + 2);
        return state == 'Z' || state == 'X' ? "" : stat.substring(open + 1, close);
    }

    @Override
    public int[] pids() {
        int[] pids = new int[1024];
        int count = 0;
        try (DirectoryStream<Path> all = Files.newDirectoryStream(PROC, "[0-9]*")) {
            for (Path path : all) {
                if (count == pids.length) {
                    pids = Arrays.copyOf(pids, 2 * count);
                }
                pids[count++] = Integer.parseInt(path.getFileName().toString());
            }
        } catch (IOException | DirectoryIteratorException e) {
            return Arrays.copyOf(pids, count);
        }
        return Arrays.copyOf(pids, count);
    }

    @Override
    public OptionalInt read(Path file) {
        try {
            String first = text(file, PID_FILE_BYTES_MAX).lines().findFirst().orElse("");
            int pid = Integer.parseInt(first.strip());
            return pid > 0 ? OptionalInt.of(pid) : OptionalInt.empty();
        } catch (NumberFormatException e) {
            return OptionalInt.empty();
        }
    }

    /** The first {@code max} bytes, or "" when the file cannot be read. */
    static String text(Path file, int max) {
        try (InputStream in = Files.newInputStream(file)) {
            return new String(in.readNBytes(max), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return "";
        }
    }
}
