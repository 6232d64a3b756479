/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import java.util.regex.Pattern;

/** The changes of role that an agent wrote into its log since a moment, across its restarts. */
public final class RoleLog {
    private static final Pattern CHANGE = Pattern.compile("(?m)\\b([A-Z]+) -> ([A-Z]+): (.*)$");

    private final LabAgent agent;
    private final int fromBytes;

    /** From now on. */
    public RoleLog(LabAgent agent) {
        this.agent = agent;
        this.fromBytes = bytes().length;
    }

    /** Whether the agent became active since then. */
    boolean becameMaster() {
        return text().contains(" -> MASTER: ");
    }

    /** How many times it became active since then. */
    public int timesMaster() {
        return (int) CHANGE.matcher(text())
                .results()
                .filter(change -> change.group(2).equals("MASTER"))
                .count();
    }

    /** All changes since then, as the agent wrote them. */
    List<String> changes() {
        return CHANGE.matcher(text())
                .results()
                .map(change -> agent.node().nodeName() + " " + change.group())
                .toList();
    }

    /** Everything it wrote since then. */
    String text() {
        byte[] all = bytes();
        return new String(
                all, Math.min(fromBytes, all.length), Math.max(0, all.length - fromBytes), StandardCharsets.UTF_8);
    }

    private byte[] bytes() {
        try {
            return Files.readAllBytes(agent.logFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
