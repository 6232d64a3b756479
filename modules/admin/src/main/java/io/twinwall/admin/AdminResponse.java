/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.admin;

import java.nio.charset.StandardCharsets;

/** An answer: HTTP status and body. Bodies are small; a list takes a limit in its request. */
@SuppressWarnings("ArrayRecordComponent") // never compared; handed over, not shared
public record AdminResponse(int status, String contentType, byte[] body) {
    /** Body of every refusal. */
    record Problem(String error) {}

    public static AdminResponse ok(Object record) {
        return json(200, record);
    }

    public static AdminResponse json(int status, Object record) {
        return new AdminResponse(status, "application/json", Json.bytes(record));
    }

    public static AdminResponse text(int status, String text) {
        return new AdminResponse(status, "text/plain; charset=utf-8", text.getBytes(StandardCharsets.UTF_8));
    }

    /** {@code {"error": reason}}. */
    public static AdminResponse problem(int status, String reason) {
        return json(status, new Problem(reason));
    }
}
