/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

import io.twinwall.base.ExitCode;
import io.twinwall.base.Fatal;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/**
 * An {@code ip -batch} already running inside a namespace and waiting for its next line, so that a failure strikes
 * within a fraction of a millisecond of being asked for instead of after the start of a process.
 */
final class IpBatch implements AutoCloseable {
    private final Process process;
    private final OutputStream lines;

    IpBatch(String namespace) {
        try {
            process = new ProcessBuilder("ip", "-n", namespace, "-force", "-batch", "-")
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            lines = process.getOutputStream();
        } catch (IOException e) {
            throw new Fatal(ExitCode.ENVIRONMENT, "cannot run ip; install iproute2", e);
        }
    }

    /** Hands over one or more lines; they are executed in order, while the caller goes on. */
    void send(String text) {
        try {
            lines.write(text.getBytes(StandardCharsets.UTF_8));
            lines.flush();
        } catch (IOException e) {
            throw new Fatal(ExitCode.ENVIRONMENT, "the waiting ip is gone: " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        try {
            lines.close();
        } catch (IOException e) {
            // Already gone: nothing to end.
        }
        process.destroy();
    }
}
