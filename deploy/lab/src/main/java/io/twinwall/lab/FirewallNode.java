/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

/** The two firewalls and what tells them apart; all else about them is equal, the ruleset to the letter. */
public enum FirewallNode {
    FW_A("fw-a", 1, "master", 100),
    FW_B("fw-b", 2, "slave", 90);

    private final String nodeName;
    private final int id;
    private final String configuredRole;
    private final int priority;

    FirewallNode(String nodeName, int id, String configuredRole, int priority) {
        this.nodeName = nodeName;
        this.id = id;
        this.configuredRole = configuredRole;
        this.priority = priority;
    }

    /** Name of the node, and the last part of its namespace's name. */
    public String nodeName() {
        return nodeName;
    }

    public FirewallNode peer() {
        return this == FW_A ? FW_B : FW_A;
    }

    int id() {
        return id;
    }

    String configuredRole() {
        return configuredRole;
    }

    public int priority() {
        return priority;
    }
}
