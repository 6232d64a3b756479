/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import java.util.List;
import java.util.Optional;

/**
 * What reading a configuration file came to.
 *
 * @param config present exactly when there are no problems
 * @param problems all of them, in the order of their lines
 * @param warnings what is allowed but probably not meant
 */
public record ConfigReport(Optional<Config> config, List<ConfigProblem> problems, List<ConfigProblem> warnings) {}
