/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.engine;

import io.twinwall.base.Counters;
import io.twinwall.wire.ClusterKey;
import io.twinwall.wire.FrameCounters;
import io.twinwall.wire.FrameOpener;
import io.twinwall.wire.FrameSealer;
import io.twinwall.wire.LinkIdentity;
import io.twinwall.wire.SessionKeys;

/** Both ends of one session, whose keys are the same in every run and protect nothing. */
public final class FixedSession {
    /** What Aeron's link takes. */
    public static final int FRAME_BYTES_MAX = 1376;

    public static final long TERM = 1;

    private static final ClusterKey KEY = ClusterKey.of(1, new byte[32]);
    private static final LinkIdentity SENDER = new LinkIdentity(7, 1, 2);
    private static final long SENDERS_SESSION = 1;
    private static final long RECEIVERS_SESSION = 2;

    private FixedSession() {}

    public static FrameSealer sealer() {
        return new FrameSealer(SessionKeys.derive(KEY, 1, SENDER, SENDERS_SESSION, RECEIVERS_SESSION), FRAME_BYTES_MAX);
    }

    public static FrameOpener opener() {
        return new FrameOpener(
                SessionKeys.derive(KEY, 1, SENDER.mirrored(), RECEIVERS_SESSION, SENDERS_SESSION),
                FRAME_BYTES_MAX,
                new FrameCounters(new Counters()));
    }
}
