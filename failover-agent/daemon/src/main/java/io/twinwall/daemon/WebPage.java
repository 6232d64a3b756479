/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.admin.AdminProblem;
import io.twinwall.admin.AdminResponse;
import io.twinwall.admin.AdminServer;
import io.twinwall.admin.AdminStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;

/**
 * The page for browsers: some files out of the jar, and the stream of events that keeps it up to date. It shows and does
 * not act. The policy that goes with each file lets a browser fetch from this server and nowhere else, run this server's
 * scripts and nobody else's, and show the page in no other. On the admin thread.
 */
final class WebPage {
    static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
            + " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    /** A file of the jar, and what it is. */
    record Asset(String file, String type) {}

    /** By the path they are served at. */
    static final Map<String, Asset> ASSETS = assets();

    private final BooleanSupplier enabled;
    private final AdminStream events;
    private final Map<Asset, AdminResponse> loaded = new HashMap<>();

    /** @param enabled which a reload changes */
    WebPage(BooleanSupplier enabled, AdminStream events) {
        this.enabled = enabled;
        this.events = events;
    }

    AdminServer register(AdminServer server) {
        ASSETS.forEach((path, asset) -> server.route("GET", path, request -> {
            permit();
            return loaded.computeIfAbsent(asset, WebPage::response);
        }));
        return server.route("GET", "/v1/events", request -> {
            permit();
            return AdminResponse.streaming(events);
        });
    }

    private void permit() {
        if (!enabled.getAsBoolean()) {
            throw new AdminProblem(404, "there is no page here: [web] enabled = true");
        }
    }

    private static AdminResponse response(Asset asset) {
        return new AdminResponse(200, asset.type(), bytes(asset.file()))
                .with("Content-Security-Policy", POLICY)
                .with("Cross-Origin-Opener-Policy", "same-origin")
                .with("Cross-Origin-Resource-Policy", "same-origin")
                .with("Referrer-Policy", "no-referrer")
                .with("X-Frame-Options", "DENY");
    }

    static byte[] bytes(String file) {
        try (InputStream in = WebPage.class.getResourceAsStream("web/" + file)) {
            if (in == null) {
                throw new IllegalStateException("not in the jar: web/" + file);
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Map<String, Asset> assets() {
        String script = "text/javascript; charset=utf-8";
        Map<String, Asset> all = new LinkedHashMap<>();
        all.put("/", new Asset("index.html", "text/html; charset=utf-8"));
        all.put("/web/style.css", new Asset("style.css", "text/css; charset=utf-8"));
        all.put("/web/app.js", new Asset("app.js", script));
        all.put("/web/draw.js", new Asset("draw.js", script));
        all.put("/web/parts.js", new Asset("parts.js", script));
        all.put("/web/words.js", new Asset("words.js", script));
        all.put("/web/icon.svg", new Asset("icon.svg", "image/svg+xml"));
        return all;
    }
}
