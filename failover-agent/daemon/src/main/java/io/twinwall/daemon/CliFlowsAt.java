/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.base.ExitCode;
import io.twinwall.base.Fatal;
import io.twinwall.conntracksync.DeltaMessage;
import io.twinwall.conntracksync.DeltaReplay;
import io.twinwall.flowtable.FlowTableConfig;
import io.twinwall.journal.DeltaReader;
import io.twinwall.linux.AnonymousMapping;
import java.io.IOException;
import java.nio.file.Path;
import java.time.ZonedDateTime;
import java.util.List;

/**
 * {@code twinwall flows --at TIME}: the flows this node knew then. Rebuilt in this process, from the journal's files:
 * it may be much work, and the agent has other.
 *
 * @param atMs the moment that was asked for
 * @param changedMs the last change before it
 * @param snapshotMs the end of the snapshot from which the flows are rebuilt
 * @param size how many there were
 * @param flows of these, some that match
 * @param count of these, all that match
 */
public record CliFlowsAt(long atMs, long changedMs, long snapshotMs, int size, List<CliFlows.Flow> flows, long count) {
    /** Files that are read first, the newest; then twice as many, until they know. */
    private static final int FILES = 2;

    /** Rebuilds what was known at {@code atMs}; of the flows that {@code query} asks for, {@code limit} are told. */
    static CliFlowsAt of(Path journal, long atMs, FlowQuery query, int limit) {
        try (DeltaReader reader = DeltaReader.open(journal)) {
            int files = FILES;
            CliFlowsAt found = null;
            while (found == null) {
                found = read(reader, files, atMs, query, limit);
                if (found == null && files >= reader.files()) {
                    throw new Fatal(
                            ExitCode.REFUSED,
                            "the journal in " + journal + " does not know the flows of then: it began later, or changes"
                                    + " were lost just before");
                }
                files *= 2;
            }
            return found;
        } catch (IOException e) {
            throw new Fatal(ExitCode.BAD_INPUT, "the journal cannot be read: " + e.getMessage(), e);
        }
    }

    private static CliFlowsAt read(DeltaReader reader, int files, long atMs, FlowQuery query, int limit)
            throws IOException {
        try (AnonymousMapping memory = new AnonymousMapping()) {
            DeltaReplay replay = new DeltaReplay(memory, FlowTableConfig.FLOWS_LIMIT);
            reader.read(files, (buffer, offset, length) -> {
                if (buffer == null) {
                    replay.gap();
                    return true;
                }
                if (DeltaMessage.atMs(buffer, offset) > atMs) {
                    return false;
                }
                replay.message(buffer, offset, length);
                return true;
            });
            if (!replay.known()) {
                return null;
            }
            FlowsPage page = new FlowsPage(query, limit, true);
            replay.visit(atMs, page::add);
            CliFlows told = page.page();
            return new CliFlowsAt(atMs, replay.lastMs(), replay.sinceMs(), replay.size(), told.flows(), told.count());
        }
    }

    /** One line a flow, below one of what they are. */
    String text(ZonedDateTime now, boolean extended) {
        return CliHistory.say(
                        "# %,d flows at %s; the last change before at %s%n",
                        count, CliTime.text(atMs, now), CliTime.text(changedMs, now))
                + new CliFlows(flows, count > flows.size(), count).text(extended);
    }
}
