/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.admin;

import java.net.InetSocketAddress;
import java.nio.file.Path;

/**
 * Where the admin server listens and what it grants a client.
 *
 * @param metrics TCP address that serves metrics and health only, in the clear; null for none
 * @param remote TCP address that serves what the socket serves, by TLS and for a token; null for none
 */
public record AdminConfig(AdminSocket socket, InetSocketAddress metrics, AdminRemote remote, AdminLimits limits) {
    /** {@code sun_path} holds 107 bytes and the end mark; the socket is born under a name 9 bytes longer. */
    public static final int SOCKET_PATH_BYTES_MAX = 98;

    /**
     * The Unix domain socket.
     *
     * @param path at most {@link #SOCKET_PATH_BYTES_MAX} bytes
     * @param groupMay its group may open it, too; else its owner alone
     * @param group the name, or the number, of the group it belongs to; null for the process' own
     */
    public record AdminSocket(Path path, boolean groupMay, String group) {
        /** A socket that its owner alone may open. */
        public static AdminSocket of(Path path) {
            return new AdminSocket(path, false, null);
        }
    }

    /**
     * Admin from elsewhere.
     *
     * @param certificate PEM: the server's certificate, then what signed it
     * @param key PEM, PKCS #8, not encrypted, readable to its owner and group at most
     * @param tokens one token a line, readable to its owner and group at most
     */
    public record AdminRemote(InetSocketAddress listen, Path certificate, Path key, Path tokens) {}

    /**
     * What a client may cost.
     *
     * @param bodyBytesMax longest request body; a longer one is answered 413 and never held
     * @param readTimeoutMs from the connection's start to the last byte of its request, TLS handshake included
     * @param answerTimeoutMs from the last byte of the request to the last byte of the answer
     * @param connectionsMax open connections a listener, so that scrapers cannot crowd out the operator
     */
    public record AdminLimits(int bodyBytesMax, long readTimeoutMs, long answerTimeoutMs, int connectionsMax) {
        /** The limits the program runs with: 64 KiB, 5 s to ask, 15 s to be answered, 32 connections a listener. */
        public static final AdminLimits DEFAULT = new AdminLimits(64 * 1024, 5_000, 15_000, 32);
    }

    AdminConfig with(AdminSocket other) {
        return new AdminConfig(other, metrics, remote, limits);
    }

    AdminConfig with(InetSocketAddress otherMetrics) {
        return new AdminConfig(socket, otherMetrics, remote, limits);
    }

    AdminConfig with(AdminRemote other) {
        return new AdminConfig(socket, metrics, other, limits);
    }

    /** For the command line alone, or with metrics. */
    public static AdminConfig of(Path socket, InetSocketAddress metricsOrNull) {
        return new AdminConfig(AdminSocket.of(socket), metricsOrNull, null, AdminLimits.DEFAULT);
    }
}
