/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

import io.twinwall.base.ExitCode;
import io.twinwall.base.Fatal;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** A process for each of the machine's cores that does nothing but compute, at the priority of any other. */
public final class CpuLoad implements AutoCloseable {
    private final List<Process> processes = new ArrayList<>();

    public CpuLoad() {
        try {
            for (int i = 0; i < Runtime.getRuntime().availableProcessors(); i++) {
                processes.add(new ProcessBuilder("sh", "-c", "while :; do :; done").start());
            }
        } catch (IOException e) {
            close();
            throw new Fatal(ExitCode.ENVIRONMENT, "cannot run sh: " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        processes.forEach(Process::destroyForcibly);
    }
}
