/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.doctor;

import io.twinwall.wire.AeronLink;
import java.util.OptionalLong;

/** Whether the stream's sockets may hold what is to be under way at a time. */
final class SocketExam implements Exam {
    @Override
    public void look(Host host, Plan plan, Findings found) throws Unanswered {
        if (!plan.sync().enabled()) {
            return;
        }
        for (String path : new String[] {"net/core/rmem_max", "net/core/wmem_max"}) {
            OptionalLong max = Sysctls.number(host, path);
            if (max.isPresent() && max.getAsLong() < AeronLink.WINDOW_BYTES) {
                found.note(
                        "stream-buffers",
                        Sysctls.key(path) + " is " + max.getAsLong() + ": the stream may have no more bytes under way,"
                                + " instead of " + AeronLink.WINDOW_BYTES + ".",
                        "In a burst of changes the passive waits for more acknowledgements, and is behind a little"
                                + " longer.",
                        Sysctls.set(path, AeronLink.SOCKET_BYTES)
                                .saying("Then restart the daemon, the passive's first."));
            }
        }
    }
}
