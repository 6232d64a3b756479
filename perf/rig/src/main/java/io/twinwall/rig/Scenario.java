/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.rig;

import java.util.List;
import java.util.function.Consumer;

/** One way to compare the stacks. */
interface Scenario {
    /** Word of the command line and the ledger. */
    String word();

    /** What is compared, in words, for the report. */
    String title();

    /** In which tunings; those of this project first. */
    List<Contender> contenders();

    /** Measures {@code contender} as often as is set, in labs of its own. */
    void run(Contender contender, Setting setting, Consumer<Result> results);
}
