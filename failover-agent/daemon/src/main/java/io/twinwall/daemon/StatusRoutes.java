/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.admin.AdminRequest;
import io.twinwall.admin.AdminResponse;
import io.twinwall.admin.AdminServer;
import java.util.function.Supplier;

/**
 * {@code GET /v1/status}, for programs, and {@code GET /v1/status/screen?colours=}, for people. The screen is made here
 * since a client would spend more time on learning to read the status than on all else.
 */
final class StatusRoutes {
    static final String STATUS = "/v1/status";
    static final String SCREEN = "/v1/status/screen";

    private final Supplier<CliStatus> status;

    /** {@code status} is asked on the admin thread. */
    StatusRoutes(Supplier<CliStatus> status) {
        this.status = status;
    }

    /** The screen's path in these colours. */
    static String screen(CliStyle style) {
        return SCREEN + "?colours=" + style.colours();
    }

    AdminServer register(AdminServer server) {
        return server.route("GET", STATUS, request -> AdminResponse.ok(status.get()))
                .route("GET", SCREEN, request -> screen(status.get(), request));
    }

    static AdminResponse screen(CliStatus status, AdminRequest request) {
        boolean colours = "true".equals(request.query().get("colours"));
        return AdminResponse.text(200, CliStatusText.render(status, colours ? CliStyle.COLOURED : CliStyle.PLAIN));
    }
}
