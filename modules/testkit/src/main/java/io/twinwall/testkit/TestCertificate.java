/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * A self-signed certificate, made by the JDK's keytool, in PEM files as a server is
 * configured with; and what a client that trusts it, and nothing else, is made of.
 */
public final class TestCertificate {
    private static final char[] PASSWORD = "changeit".toCharArray();
    private static final String ALIAS = "own";

    private final Path certificate;
    private final Path key;
    private final KeyStore store;
    private final SSLContext serving;

    private TestCertificate(Path certificate, Path key, KeyStore store, SSLContext serving) {
        this.certificate = certificate;
        this.key = key;
        this.store = store;
        this.serving = serving;
    }

    /**
     * Makes one for {@code localhost} and 127.0.0.1, {@code name}.crt and {@code name}.key in {@code directory}, the key
     * readable to its owner alone.
     */
    public static TestCertificate make(Path directory, String name) throws IOException, GeneralSecurityException {
        return make(directory, name, "dns:localhost,ip:127.0.0.1");
    }

    /** The same for {@code hosts}, as keytool writes alternative names, and nobody else. */
    public static TestCertificate make(Path directory, String name, String hosts)
            throws IOException, GeneralSecurityException {
        Path file = directory.resolve(name + ".p12");
        keytool(file, hosts);
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            store.load(in, PASSWORD);
        }
        Path certificate = Files.writeString(
                directory.resolve(name + ".crt"),
                pem("CERTIFICATE", store.getCertificate(ALIAS).getEncoded()));
        Path key = Files.writeString(
                directory.resolve(name + ".key"),
                pem("PRIVATE KEY", store.getKey(ALIAS, PASSWORD).getEncoded()));
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));
        KeyManagerFactory own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        own.init(store, PASSWORD);
        SSLContext serving = SSLContext.getInstance("TLS");
        serving.init(own.getKeyManagers(), null, null);
        return new TestCertificate(certificate, key, store, serving);
    }

    private static void keytool(Path file, String hosts) throws IOException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        ALIAS,
                        "-keyalg",
                        "EC",
                        "-groupname",
                        "secp256r1",
                        "-dname",
                        "CN=localhost",
                        "-ext",
                        "SAN=" + hosts,
                        "-validity",
                        "2",
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        file.toString(),
                        "-storepass",
                        new String(PASSWORD))
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (process.waitFor() != 0) {
                throw new IOException("keytool: " + said);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private static String pem(String what, byte[] bytes) {
        return "-----BEGIN " + what + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes) + "\n-----END " + what + "-----\n";
    }

    /** The same certificate, its files copied to {@code directory}: to make one takes keytool a second or two. */
    public TestCertificate in(Path directory) throws IOException {
        return new TestCertificate(
                Files.copy(certificate, directory.resolve(certificate.getFileName())),
                Files.copy(key, directory.resolve(key.getFileName()), StandardCopyOption.COPY_ATTRIBUTES),
                store,
                serving);
    }

    public Path certificate() {
        return certificate;
    }

    public Path key() {
        return key;
    }

    /** What a server in the JVM is made with. */
    public SSLContext serving() {
        return serving;
    }

    /** What a client is made with that trusts this certificate and no other. */
    public SSLContext trusted() throws IOException, GeneralSecurityException {
        KeyStore trust = KeyStore.getInstance("PKCS12");
        trust.load(null, null);
        trust.setCertificateEntry(ALIAS, store.getCertificate(ALIAS));
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(trust);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, factory.getTrustManagers(), null);
        return context;
    }
}
