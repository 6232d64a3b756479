/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.trackers;

import java.nio.file.Path;
import java.util.OptionalInt;

/** The processes there are. One that has ended and waits for its parent (a zombie) is not there. */
interface ProcessTable {
    /** True when the process {@code pid} lives. */
    boolean lives(int pid);

    /** The process's name as the kernel keeps it; "" when it does not live. */
    String comm(int pid);

    /** All process numbers. */
    int[] pids();

    /** The number on the first line of {@code file}; nothing when there is no such file or no number. */
    OptionalInt read(Path file);
}
