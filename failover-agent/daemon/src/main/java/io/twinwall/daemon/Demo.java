/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.base.ExitCode;

/** What {@code twinwall demo} runs. Loaded only by that command. */
@FunctionalInterface
public interface Demo {
    /** Runs the demonstration to its end; {@link ExitCode#REFUSED} when flows that should have survived did not. */
    ExitCode run(DemoOptions options);
}
