/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.sim;

import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The rules can be broken: each planted bug is found, and by a rule rather than by a crash. */
class PlantedBugSimTest {
    private static final int SEEDS = 2_000;

    @ParameterizedTest
    @EnumSource(value = Bug.class, names = "NONE", mode = EnumSource.Mode.EXCLUDE)
    void shouldFind(Bug bug) {
        Life.Result found = Campaign.find(1, SEEDS, bug);
        assertNotNull(found, () -> bug + " (" + bug.text() + ") is not found in " + SEEDS + " lives");
        System.out.println(bug + " (" + bug.text() + "): seed " + found.seed() + ", " + found.violation());
        assertNotEquals(Rule.CRASH, found.violation().rule());
    }
}
