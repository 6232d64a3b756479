/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The rules can be broken: each planted bug is found by the rule it is planted for, and each rule finds one. */
class PlantedBugSimTest {
    private static final int SEEDS = 2_000;

    @ParameterizedTest
    @EnumSource(value = Bug.class, names = "NONE", mode = EnumSource.Mode.EXCLUDE)
    void shouldFindByTheRuleItIsPlantedFor(Bug bug) {
        long next = 1;
        Life.Result found = null;
        while (found == null && next <= SEEDS) {
            Life.Result broken = Campaign.find(next, SEEDS - next + 1, bug);
            assertNotNull(
                    broken,
                    () -> bug + " (" + bug.text() + ") does not break " + bug.rule() + " in " + SEEDS + " lives");
            assertTrue(
                    bug.explains(broken.violation().rule()),
                    () -> bug + ": seed " + broken.seed() + " breaks another rule, " + broken.violation());
            found = broken.violation().rule() == bug.rule() ? broken : null;
            next = broken.seed() + 1;
        }
        assertNotNull(
                found, () -> bug + " (" + bug.text() + ") does not break " + bug.rule() + " in " + SEEDS + " lives");
        System.out.println(bug + " (" + bug.text() + "): seed " + found.seed() + ", " + found.violation());
    }

    @Test
    void shouldHaveABugPlantedForEveryRule() {
        Set<Rule> unproven = EnumSet.allOf(Rule.class);
        for (Bug bug : Bug.values()) {
            unproven.remove(bug.rule());
        }
        assertEquals(Set.of(), unproven);
    }
}
