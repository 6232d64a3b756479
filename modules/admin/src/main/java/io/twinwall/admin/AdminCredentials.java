/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.admin;

import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.twinwall.admin.AdminConfig.AdminRemote;
import io.twinwall.base.CertificateKey;
import io.twinwall.base.ExitCode;
import io.twinwall.base.Fatal;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import javax.net.ssl.SSLException;

/**
 * What the remote listener proves itself with, and whom it believes: made of three files, as they were when they were
 * read. Immutable; a reload makes another. TLS is the JDK's own.
 *
 * @param expiresS when the certificate ends, in seconds since 1970
 * @param print tells whether two were made of the same files
 */
record AdminCredentials(SslContext tls, TokenGuard tokens, long expiresS, String print) {
    private static final int PEM_BYTES_MAX = 256 * 1024;

    /**
     * Reads the files.
     *
     * @throws Fatal naming the file and the remedy
     */
    static AdminCredentials read(AdminRemote remote) {
        byte[] certificate = SecretFile.readOpen(remote.certificate(), "the certificate", PEM_BYTES_MAX);
        byte[] key = SecretFile.read(remote.key(), "the key", PEM_BYTES_MAX);
        String unlike = CertificateKey.problem(certificate, key);
        if (!unlike.isEmpty()) {
            throw new Fatal(
                    ExitCode.CONFIG,
                    "[admin.remote] " + remote.certificate() + " and " + remote.key()
                            + " are no certificate and its key: " + unlike);
        }
        // Once, so that what is believed and what the digest says of it cannot be two things.
        byte[] tokenBytes = SecretFile.read(remote.tokens(), "the token file", TokenGuard.FILE_BYTES_MAX);
        TokenGuard tokens = TokenGuard.of(remote.tokens(), new String(tokenBytes, StandardCharsets.UTF_8));
        return new AdminCredentials(
                tls(remote, certificate, key),
                tokens,
                expiresS(remote, certificate),
                print(certificate, key, tokenBytes));
    }

    private static SslContext tls(AdminRemote remote, byte[] certificate, byte[] key) {
        try {
            return SslContextBuilder.forServer(new ByteArrayInputStream(certificate), new ByteArrayInputStream(key))
                    .sslProvider(SslProvider.JDK)
                    .protocols("TLSv1.3", "TLSv1.2")
                    .build();
        } catch (SSLException | IllegalArgumentException e) {
            throw new Fatal(
                    ExitCode.CONFIG,
                    "[admin.remote] " + remote.certificate() + " and " + remote.key() + ": " + e.getMessage(),
                    e);
        }
    }

    private static long expiresS(AdminRemote remote, byte[] certificate) {
        try {
            X509Certificate own = (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(certificate));
            return own.getNotAfter().toInstant().getEpochSecond();
        } catch (CertificateException e) {
            throw new Fatal(
                    ExitCode.CONFIG, "[admin.remote] certificate " + remote.certificate() + ": " + e.getMessage(), e);
        }
    }

    private static String print(byte[]... files) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (byte[] file : files) {
                digest.update((file.length + "\n").getBytes(StandardCharsets.US_ASCII));
                digest.update(file);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
