/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.wire;

import io.twinwall.base.Check;
import java.nio.file.Path;

/**
 * Where an {@link AeronLink} runs. {@code directory} is Aeron's own, in memory best ({@code /dev/shm/...}); it is
 * deleted at start and at the end, so nothing else may be in it. {@code local} and {@code peer} are {@code ip:port}, an
 * IPv6 address in brackets. {@code streamId} is the cluster's id, so that two clusters on one wire do not mix.
 */
public record AeronLinkConfig(Path directory, String local, String peer, int streamId) {
    public AeronLinkConfig {
        Check.that(directory.isAbsolute(), "Aeron's directory is absolute");
        Check.inRange(streamId, 1, Integer.MAX_VALUE, "streamId");
    }
}
