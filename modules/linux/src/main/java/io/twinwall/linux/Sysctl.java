/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.linux;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Settings of the kernel, by their paths below {@code /proc/sys} with slashes: {@code net/ipv4/ip_forward}. Those below
 * {@code net} are of the network namespace of the calling thread. Source: proc_sys(5).
 */
public final class Sysctl {
    private static final Path ROOT = Path.of("/proc/sys");
    private static final int BYTES_MAX = 4_096;

    private Sysctl() {}

    /**
     * The value, without the end of its line. In one read: the kernel answers the first only, and
     * {@code Files.readString} begins with a single byte.
     *
     * @throws java.nio.file.NoSuchFileException the kernel, or this namespace, has no such setting
     */
    public static String read(String path) throws IOException {
        try (InputStream in = Files.newInputStream(ROOT.resolve(path))) {
            byte[] bytes = new byte[BYTES_MAX];
            int length = in.read(bytes);
            return new String(bytes, 0, Math.max(0, length), StandardCharsets.US_ASCII).strip();
        }
    }

    /**
     * The value of a setting that is one number.
     *
     * @throws IOException also when it is none
     */
    public static long readNumber(String path) throws IOException {
        String value = read(path);
        try {
            return Long.parseLong(value);
        } catch (NumberFormatException e) {
            throw new IOException(path + " is no number: " + value, e);
        }
    }

    /** Sets it; the kernel refuses a value it does not like with EINVAL. */
    public static void write(String path, String value) throws IOException {
        Files.writeString(ROOT.resolve(path), value);
    }
}
