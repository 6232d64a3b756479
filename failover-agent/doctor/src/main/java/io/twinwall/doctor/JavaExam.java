/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.doctor;

/** Whether this is the Java that the program is made for. */
final class JavaExam implements Exam {
    private static final int MADE_FOR = 25;

    @Override
    public void look(Host host, Plan plan, Findings found) {
        int version = host.javaVersion();
        if (version != MADE_FOR) {
            found.warning(
                    "java-version",
                    "This is Java " + version + "; the program is made for and tested with " + MADE_FOR + ".",
                    "It uses parts of the JDK that change from one version to the next.",
                    Remedy.run("apt-get install openjdk-" + MADE_FOR + "-jdk-headless")
                            .saying("Or name a JDK " + MADE_FOR + " in TWINWALL_JDK."));
        }
    }
}
