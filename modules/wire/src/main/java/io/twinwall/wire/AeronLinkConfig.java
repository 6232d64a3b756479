/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.wire;

import io.twinwall.base.Check;
import java.nio.file.Path;

/**
 * Where an {@link AeronLink} runs. {@code directory} is Aeron's own, in memory best ({@code /dev/shm/...}); it is
 * deleted at start and at the end, so nothing else may be in it. {@code local} and {@code peer} are {@code ip:port}, an
 * IPv6 address in brackets. {@code streamId} is the cluster's id, so that two clusters on one wire do not mix.
 */
public record AeronLinkConfig(
        Path directory, String local, String peer, int streamId, long connectionTimeoutNs, long statusEveryNs) {
    private static final long ALONE_TIMEOUT_NS = 1_000_000_000L;
    private static final long STATUS_NS = 300_000_000L;
    private static final long BESIDE_TIMEOUT_NS = 500_000_000L;
    private static final long BESIDE_STATUS_NS = 100_000_000L;

    /** The only link: there is nothing to change to, so it is patient. */
    public AeronLinkConfig(Path directory, String local, String peer, int streamId) {
        this(directory, local, peer, streamId, ALONE_TIMEOUT_NS, STATUS_NS);
    }

    /** One of several: that it is lost is to be seen soon. */
    public static AeronLinkConfig beside(Path directory, String local, String peer, int streamId) {
        return new AeronLinkConfig(directory, local, peer, streamId, BESIDE_TIMEOUT_NS, BESIDE_STATUS_NS);
    }

    public AeronLinkConfig {
        Check.that(directory.isAbsolute(), "Aeron's directory is absolute");
        Check.inRange(streamId, 1, Integer.MAX_VALUE, "streamId");
    }
}
