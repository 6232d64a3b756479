/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.journal;

import java.util.concurrent.TimeUnit;

/**
 * How a queue is cut into files.
 *
 * @param format of the names of files, and of one of Chronicle's roll cycles
 * @param cycleMs what one file is for at the most
 * @param indexCount entries of an index, each of 8 bytes
 * @param indexSpacing each so many documents have an entry
 * @param fileBytesMax a file that is longer is the last of its cycle, and the next one's begins
 */
record QueueShape(String format, int cycleMs, int indexCount, int indexSpacing, long fileBytesMax) {
    private static final int FILES_LEAST = 8;
    private static final long FILE_BYTES_MAX = 16L << 20;
    private static final long DELTA_FILE_BYTES_MAX = 64L << 20;
    private static final int DAY_MS = (int) TimeUnit.DAYS.toMillis(1);
    private static final int HOUR_MS = (int) TimeUnit.HOURS.toMillis(1);

    /** Some records a day, some hundreds on a bad one: the smallest index, and a file a day. */
    static QueueShape records(long bytesMax) {
        return new QueueShape("yyyyMMdd'F'", DAY_MS, 128, 16, Math.min(bytesMax / FILES_LEAST, FILE_BYTES_MAX));
    }

    /** Tens of documents a second on a busy host: a file an hour, which begins with all there is. */
    static QueueShape deltas(long bytesMax) {
        return new QueueShape(
                "yyyyMMdd-HH'F'", HOUR_MS, 1_024, 64, Math.min(bytesMax / FILES_LEAST, DELTA_FILE_BYTES_MAX));
    }
}
