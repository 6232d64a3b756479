/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.journal;

import io.twinwall.base.Check;
import java.nio.file.Path;

/**
 * Where a journal is and how much of it is kept: whichever of the bounds is reached first, the oldest goes.
 *
 * @param directory its own: nothing else may be in it
 * @param spoolBytes what the newest records take before they are moved to the others
 */
public record JournalConfig(Path directory, long bytesMax, long ageMsMax, int spoolBytes) {
    /** Less has no room for what must be there beside the file that is written. */
    public static final long BYTES_MAX_LEAST = 4L << 20;

    /** Some hundreds of records. */
    private static final int SPOOL_BYTES = 1 << 20;

    public JournalConfig {
        Check.that(bytesMax >= BYTES_MAX_LEAST, "a journal of so few bytes", bytesMax);
        Check.that(ageMsMax > 0, "a journal of no age", ageMsMax);
        Check.inRange(spoolBytes, 0, SPOOL_BYTES, "bytes of a spool");
    }

    public JournalConfig(Path directory, long bytesMax, long ageMsMax) {
        this(directory, bytesMax, ageMsMax, SPOOL_BYTES);
    }

    /** What is left for the others. */
    long filesBytesMax() {
        return bytesMax - spoolBytes;
    }
}
