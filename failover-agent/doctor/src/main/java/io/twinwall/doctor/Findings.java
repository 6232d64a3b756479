/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.doctor;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** What the exams find, collected. One thread. */
final class Findings {
    private final List<Finding> all = new ArrayList<>();

    void error(String id, String what, String why, Remedy remedy) {
        add(Severity.ERROR, id, what, why, remedy);
    }

    void warning(String id, String what, String why, Remedy remedy) {
        add(Severity.WARNING, id, what, why, remedy);
    }

    void note(String id, String what, String why, Remedy remedy) {
        add(Severity.NOTE, id, what, why, remedy);
    }

    void add(Severity severity, String id, String what, String why, Remedy remedy) {
        all.add(new Finding(id, severity, what, why, remedy));
    }

    /** The worst first; of one severity in the order of the exams. */
    List<Finding> sorted() {
        return all.stream().sorted(Comparator.comparing(Finding::severity)).toList();
    }
}
