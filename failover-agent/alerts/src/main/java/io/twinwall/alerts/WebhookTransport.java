/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.alerts;

import java.io.IOException;
import java.io.OutputStream;
import java.net.HttpRetryException;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import java.util.concurrent.TimeUnit;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import javax.net.ssl.HttpsURLConnection;

/**
 * A POST of JSON, by the JDK's older client: it works in the calling thread, has none of its own, and takes a
 * fraction of the memory of the newer one. Redirections are not followed: a body that is signed for one receiver is
 * not another's.
 */
final class WebhookTransport implements Transport {
    static final String SIGNATURE = "X-Twinwall-Signature";

    private static final long STEP_MS_MAX = 10_000;
    private static final String HMAC = "HmacSHA256";

    private final AlertSpec.Webhook spec;
    private volatile HttpURLConnection connection;
    private volatile boolean aborted;

    WebhookTransport(AlertSpec.Webhook spec) {
        this.spec = spec;
    }

    @Override
    public Outcome deliver(Message message, long limitNs) {
        try {
            byte[] body = AlertText.json(message).getBytes(StandardCharsets.UTF_8);
            aborted = false;
            HttpURLConnection own = open(body, (int) Math.min(STEP_MS_MAX, TimeUnit.NANOSECONDS.toMillis(limitNs)));
            connection = own;
            return post(own, body);
        } catch (HttpRetryException e) {
            return outcome(e.responseCode());
        } catch (IOException | GeneralSecurityException e) {
            return Outcome.failed(e);
        } finally {
            HttpURLConnection own = connection;
            connection = null;
            if (own != null) {
                own.disconnect();
            }
        }
    }

    private Outcome post(HttpURLConnection own, byte[] body) throws IOException {
        try {
            try (OutputStream out = own.getOutputStream()) {
                out.write(body);
            }
            return outcome(own.getResponseCode());
        } catch (RuntimeException e) {
            if (aborted) {
                // What the client makes of a connection that goes away between two of its steps.
                return Outcome.failed("given up");
            }
            throw e;
        }
    }

    /** The client does not like two threads, but it closes its socket under the other, which is all that is wanted. */
    @Override
    public void abort() {
        HttpURLConnection now = connection;
        if (now != null) {
            aborted = true;
            now.disconnect();
        }
    }

    private HttpURLConnection open(byte[] body, int stepMs) throws IOException, GeneralSecurityException {
        HttpURLConnection own = (HttpURLConnection) spec.url().toURL().openConnection(Proxy.NO_PROXY);
        if (own instanceof HttpsURLConnection secure) {
            secure.setSSLSocketFactory(Trust.sockets(spec.caFile()));
        }
        own.setRequestMethod("POST");
        own.setConnectTimeout(stepMs);
        own.setReadTimeout(stepMs);
        own.setInstanceFollowRedirects(false);
        own.setUseCaches(false);
        own.setDoOutput(true);
        // Of a known length, so that the client does not send it again by itself.
        own.setFixedLengthStreamingMode(body.length);
        own.setRequestProperty("Connection", "close");
        own.setRequestProperty("Content-Type", "application/json");
        own.setRequestProperty("User-Agent", "twinwall");
        if (spec.secretFile().isPresent()) {
            own.setRequestProperty(
                    SIGNATURE, signature(SecretFile.read(spec.secretFile().get()), body));
        }
        return own;
    }

    /** {@code sha256=} and the HMAC-SHA256 (RFC 2104) of the body under the secret, in hexadecimal. */
    static String signature(String secret, byte[] body) throws GeneralSecurityException {
        Mac mac = Mac.getInstance(HMAC);
        mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), HMAC));
        return "sha256=" + HexFormat.of().formatHex(mac.doFinal(body));
    }

    private Outcome outcome(int status) {
        String said = "HTTP status " + status + " from " + spec.where();
        return status >= 200 && status < 300 ? Outcome.delivered(said) : Outcome.failed(said);
    }
}
