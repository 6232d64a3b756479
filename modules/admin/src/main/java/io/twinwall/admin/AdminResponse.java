/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.admin;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * An answer: HTTP status and body. Bodies are small; a list takes a limit in its request.
 *
 * @param headers beside those that every answer has
 * @param stream what follows on the headers instead of a body, or null
 */
@SuppressWarnings("ArrayRecordComponent") // never compared; handed over, not shared
public record AdminResponse(
        int status, String contentType, byte[] body, Map<String, String> headers, AdminStream stream) {
    /** Body of every refusal. */
    record Problem(String error) {}

    public AdminResponse(int status, String contentType, byte[] body) {
        this(status, contentType, body, Map.of(), null);
    }

    public static AdminResponse ok(Object record) {
        return json(200, record);
    }

    public static AdminResponse json(int status, Object record) {
        return new AdminResponse(status, "application/json", Json.bytes(record));
    }

    public static AdminResponse text(int status, String text) {
        return new AdminResponse(status, "text/plain; charset=utf-8", text.getBytes(StandardCharsets.UTF_8));
    }

    /** The client is told all that {@code stream} is given from now on. */
    public static AdminResponse streaming(AdminStream stream) {
        return new AdminResponse(200, AdminStream.CONTENT_TYPE, new byte[0], Map.of(), stream);
    }

    /** {@code {"error": reason}}. */
    public static AdminResponse problem(int status, String reason) {
        return json(status, new Problem(reason));
    }

    /** The same with one more header. */
    public AdminResponse with(String header, String value) {
        Map<String, String> more = new LinkedHashMap<>(headers);
        more.put(header, value);
        return new AdminResponse(status, contentType, body, Map.copyOf(more), stream);
    }
}
