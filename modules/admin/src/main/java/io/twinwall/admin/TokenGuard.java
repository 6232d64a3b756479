/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.admin;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.twinwall.base.ExitCode;
import io.twinwall.base.Fatal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * Lets pass who knows a token. {@code Authorization: Bearer TOKEN} may do everything. {@code Basic}, whose password is the
 * token and whose user does not matter, is what a browser can ask its user for; a browser sends it along whoever asks, a
 * stranger's page too, and so it may only read.
 *
 * <p>What was sent is compared by its hash, and with every token to the end, so that the time it takes says nothing of how
 * near it came.
 */
final class TokenGuard implements AdminGuard {
    private static final int CHARACTERS_MIN = 32;
    private static final int CHARACTERS_MAX = 512;
    private static final int TOKENS_MAX = 16;
    static final int FILE_BYTES_MAX = 32 * 1024;

    /** Basic alone: Chromium takes a second scheme in the field for a broken parameter, and asks for no password. */
    private static final String CHALLENGE = "Basic realm=\"twinwall\", charset=\"UTF-8\"";

    private final List<byte[]> hashes;

    private TokenGuard(List<byte[]> hashes) {
        this.hashes = hashes;
    }

    /**
     * Those of {@code text}, one a line; empty lines and those that begin with '#' do not count.
     *
     * @throws Fatal with the remedy, naming {@code file}, when it holds what is no token
     */
    static TokenGuard of(Path file, String text) {
        List<byte[]> hashes = new ArrayList<>();
        for (String raw : text.split("\n", -1)) {
            String line = raw.strip();
            if (line.isEmpty() || line.startsWith("#")) {
                continue;
            }
            if (!line.matches("[\\x21-\\x7e]{" + CHARACTERS_MIN + "," + CHARACTERS_MAX + "}")) {
                throw malformed(file);
            }
            hashes.add(hash(line.getBytes(StandardCharsets.UTF_8)));
        }
        if (hashes.isEmpty() || hashes.size() > TOKENS_MAX) {
            throw malformed(file);
        }
        return new TokenGuard(List.copyOf(hashes));
    }

    /** Says nothing of the line it means: that may be a secret, mistyped. */
    private static Fatal malformed(Path file) {
        return new Fatal(
                ExitCode.CONFIG,
                "the token file " + file + " must hold 1.." + TOKENS_MAX + " tokens, one a line, of " + CHARACTERS_MIN
                        + ".." + CHARACTERS_MAX
                        + " printable characters without blanks; make one: openssl rand -hex 32");
    }

    @Override
    public AdminResponse refusal(HttpRequest head) {
        String[] words =
                head.headers().get(HttpHeaderNames.AUTHORIZATION, "").strip().split(" +", 2);
        String scheme = words[0];
        byte[] token = words.length < 2 ? new byte[0] : words[1].getBytes(StandardCharsets.UTF_8);
        boolean basic = scheme.equalsIgnoreCase("Basic");
        boolean known = basic ? known(password(token)) : scheme.equalsIgnoreCase("Bearer") && known(token);
        if (!known) {
            return AdminResponse.problem(401, "a token is wanted: Authorization: Bearer TOKEN")
                    .with("WWW-Authenticate", CHALLENGE);
        }
        if (!basic) {
            return null;
        }
        return head.method().equals(HttpMethod.GET)
                ? AdminGuard.ofAnotherSite(head)
                : AdminResponse.problem(403, "a password may only read; send the token as Authorization: Bearer TOKEN");
    }

    private boolean known(byte[] token) {
        byte[] hash = hash(token);
        boolean known = false;
        for (byte[] one : hashes) {
            known |= MessageDigest.isEqual(one, hash);
        }
        return known;
    }

    /** What follows on the user's name; nothing when this is no such pair. */
    private static byte[] password(byte[] encoded) {
        try {
            String pair = new String(Base64.getDecoder().decode(encoded), StandardCharsets.UTF_8);
            return pair.substring(pair.indexOf(':') + 1).getBytes(StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return new byte[0];
        }
    }

    private static byte[] hash(byte[] token) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(token);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
