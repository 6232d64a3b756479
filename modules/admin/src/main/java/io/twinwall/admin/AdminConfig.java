/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.admin;

import java.net.InetSocketAddress;
import java.nio.file.Path;

/**
 * Where the admin server listens and what it grants a client.
 *
 * @param socket path of the Unix domain socket, at most {@link #SOCKET_PATH_BYTES_MAX} bytes
 * @param metrics TCP address that serves metrics and health only; null for none
 * @param bodyBytesMax longest request body; a longer one is answered 413 and never held
 * @param readTimeoutMs from the connection's start to the last byte of its request
 * @param answerTimeoutMs from the last byte of the request to the last byte of the answer
 * @param connectionsMax open connections a listener, so that scrapers cannot crowd out the operator
 */
public record AdminConfig(
        Path socket,
        InetSocketAddress metrics,
        int bodyBytesMax,
        long readTimeoutMs,
        long answerTimeoutMs,
        int connectionsMax) {
    /** {@code sun_path} holds 107 bytes and the end mark; the socket is born under a name 9 bytes longer. */
    public static final int SOCKET_PATH_BYTES_MAX = 98;

    /** The limits the program runs with: 64 KiB, 5 s to ask, 15 s to be answered, 32 connections a listener. */
    public static AdminConfig of(Path socket, InetSocketAddress metricsOrNull) {
        return new AdminConfig(socket, metricsOrNull, 64 * 1024, 5_000, 15_000, 32);
    }
}
