/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

import java.util.Locale;

/** The ways to lose the active. */
public enum Failure {
    /** The agent is killed and all its links go down in the same instant, as when a host loses its power. */
    POWER("power lost: agent killed, all links down at once"),
    /** The agent is killed; its kernel goes on. */
    KILL("agent killed"),
    /** The agent is stopped and neither ends nor answers. */
    HANG("agent hangs (SIGSTOP)"),
    /** The active's link to the LAN goes down; its agent is well. */
    LINK("LAN link down"),
    /** Nothing fails: the active is asked to hand over. */
    SWITCHOVER("planned switchover");

    private final String what;

    Failure(String what) {
        this.what = what;
    }

    /** What happens, in words. */
    public String what() {
        return what;
    }

    /** The word of the command line. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
