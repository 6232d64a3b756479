/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.twinwall.base.ExitCode;
import io.twinwall.base.Fatal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import org.junit.jupiter.api.Test;

class TokenGuardTest {
    private static final Path FILE = Path.of("/etc/twinwall/tokens");
    private static final String ONE = "0123456789abcdef0123456789abcdef";
    private static final String TWO = "fedcba9876543210fedcba9876543210fe";

    private final TokenGuard guard = TokenGuard.of(FILE, "# the wall board's\n" + ONE + "\n\n  " + TWO + "  \n");

    @Test
    void shouldLetPassWhoKnowsAToken() {
        assertNull(guard.refusal(request(HttpMethod.GET, "Bearer " + ONE)));
        assertNull(guard.refusal(request(HttpMethod.POST, "bearer  " + TWO)));
        assertNull(guard.refusal(request(HttpMethod.GET, basic("anybody:" + ONE))));
        assertNull(guard.refusal(request(HttpMethod.GET, basic(":" + TWO))));
    }

    @Test
    void shouldRefuseWhoeverKnowsNone() {
        for (String header : new String[] {
            "",
            "Bearer",
            "Bearer ",
            "Bearer " + ONE.substring(1),
            "Bearer " + ONE + "0",
            "Bearer # the wall board's",
            "Basic",
            "Basic !",
            "Basic " + ONE,
            basic("anybody:"),
            basic(ONE + ":wrong"),
            "Digest " + ONE,
            ONE
        }) {
            AdminResponse refusal = guard.refusal(request(HttpMethod.GET, header));
            assertEquals(401, refusal.status(), header);
            assertEquals(
                    "Basic realm=\"twinwall\", charset=\"UTF-8\"",
                    refusal.headers().get("WWW-Authenticate"),
                    header);
        }
    }

    @Test
    void shouldLetAPasswordOnlyRead() {
        assertEquals(
                403, guard.refusal(request(HttpMethod.POST, basic("x:" + ONE))).status());
        assertEquals(
                401, guard.refusal(request(HttpMethod.POST, basic("x:wrong"))).status());
    }

    @Test
    void shouldNotLetAnotherSitesPageBringAPasswordAlong() {
        HttpRequest foreign = request(HttpMethod.GET, basic("x:" + ONE));
        foreign.headers().set("Sec-Fetch-Site", "cross-site").set("Sec-Fetch-Mode", "no-cors");
        assertEquals(403, guard.refusal(foreign).status());
        assertEquals(403, AdminGuard.LOCAL.refusal(foreign).status());
        foreign.headers().set("Sec-Fetch-Mode", "navigate");
        assertNull(guard.refusal(foreign), "a link to the page");
        HttpRequest own = request(HttpMethod.GET, basic("x:" + ONE));
        own.headers().set("Sec-Fetch-Site", "same-origin").set("Sec-Fetch-Mode", "cors");
        assertNull(guard.refusal(own));
    }

    @Test
    void shouldTakeOnlyTokensThatCannotBeGuessed() {
        for (String text : new String[] {
            "", "\n# nothing\n", "short\n", ONE + " " + TWO, "x".repeat(513), (ONE + "\n").repeat(17), ONE + "\u00e4"
        }) {
            Fatal fatal = assertThrows(Fatal.class, () -> TokenGuard.of(FILE, text), text);
            assertEquals(ExitCode.CONFIG, fatal.exitCode());
            assertTrue(fatal.getMessage().contains("openssl rand -hex 32"), fatal.getMessage());
            assertFalse(fatal.getMessage().contains("short"), "what may be a secret is not repeated");
        }
    }

    @Test
    void shouldNotLetAPageActOrReadByAForwardedSocket() {
        HttpRequest foreign = request(HttpMethod.POST, "");
        foreign.headers().set(HttpHeaderNames.ORIGIN, "https://evil.example");
        assertEquals(403, AdminGuard.LOCAL.refusal(foreign).status());
        for (String host : new String[] {"evil.example", "evil.example:8080", "EVIL.Example.", "a.b.c"}) {
            HttpRequest read = request(HttpMethod.GET, "");
            read.headers().set(HttpHeaderNames.HOST, host);
            assertEquals(421, AdminGuard.LOCAL.refusal(read).status(), host);
        }
        for (String host : new String[] {
            "", "twinwall", "localhost", "localhost:8080", "127.0.0.1", "127.0.0.1:8080", "[::1]:8080", "fw-a"
        }) {
            HttpRequest read = request(HttpMethod.GET, "");
            read.headers().set(HttpHeaderNames.HOST, host);
            read.headers().set(HttpHeaderNames.ORIGIN, "http://" + host);
            assertNull(AdminGuard.LOCAL.refusal(read), host);
        }
        assertNull(AdminGuard.LOCAL.refusal(request(HttpMethod.POST, "")), "the command line");
    }

    private static HttpRequest request(HttpMethod method, String authorization) {
        HttpRequest request = new DefaultHttpRequest(HttpVersion.HTTP_1_1, method, "/v1/status");
        if (!authorization.isEmpty()) {
            request.headers().set(HttpHeaderNames.AUTHORIZATION, authorization);
        }
        return request;
    }

    private static String basic(String pair) {
        return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
    }
}
