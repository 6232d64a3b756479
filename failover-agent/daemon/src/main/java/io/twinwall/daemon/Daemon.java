/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.base.ExitCode;
import java.nio.file.Path;

/** What {@code twinwall run} runs. Loaded only by that command, so that the others start fast. */
@FunctionalInterface
public interface Daemon {
    /**
     * Runs until told to stop, in the caller's thread; throws {@link io.twinwall.base.Fatal} when it cannot.
     *
     * @param file where {@code config} was read from, and is read again
     */
    ExitCode run(Config config, Path file);
}
