/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.doctor;

/**
 * Looks at one thing that pairs fail by. Has no state, asks the host and changes nothing; what it found before the host did not
 * answer counts.
 */
@FunctionalInterface
interface Exam {
    void look(Host host, Plan plan, Findings found) throws Unanswered;
}
