/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.testkit.Await;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.agrona.DirectBuffer;

/** Notes what paths tell, as short words: {@code 0:hello}, {@code 0 gone}, {@code 1 down}. */
final class HeartbeatEar implements HeartbeatPaths.Receiver {
    private static final Duration DEADLINE = Duration.ofSeconds(10);

    final List<String> heard = new ArrayList<>();

    @Override
    public void onDatagram(int path, DirectBuffer buffer, int length) {
        heard.add(path + ":" + buffer.getStringWithoutLengthAscii(0, length));
    }

    @Override
    public void onPeerGone(int path) {
        heard.add(path + " gone");
    }

    @Override
    public void onPathChanged(int path, boolean up) {
        heard.add(path + (up ? " up" : " down"));
    }

    /** Does what a role agent does until {@code condition} holds. */
    void until(HeartbeatPaths paths, String what, BooleanSupplier condition) {
        Await.until(what + ", heard " + heard, DEADLINE, () -> {
            paths.await(1_000_000);
            paths.receive(this);
            return condition.getAsBoolean();
        });
    }

    void untilHeard(HeartbeatPaths paths, String word) {
        until(paths, word, () -> heard.contains(word));
    }

    static void say(HeartbeatPaths paths, String word) {
        paths.buffer().putStringWithoutLengthAscii(0, word);
        paths.send(word.length());
    }
}
