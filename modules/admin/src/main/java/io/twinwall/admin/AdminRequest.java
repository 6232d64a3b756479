/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.admin;

import java.util.Map;
import tools.jackson.core.JacksonException;

/**
 * One request as a handler sees it.
 *
 * @param path decoded, without the query
 * @param query the last value of each name
 * @param body empty when there was none; at most what the listener's limits allow
 */
@SuppressWarnings("ArrayRecordComponent") // never compared; handed over, not shared
public record AdminRequest(String method, String path, Map<String, String> query, byte[] body) {
    /**
     * The query's number {@code name}.
     *
     * @throws AdminProblem 400 when it is no number within {@code [min, max]}
     */
    public long number(String name, long absent, long min, long max) {
        String text = query.get(name);
        if (text == null) {
            return absent;
        }
        try {
            long value = Long.parseLong(text);
            if (value >= min && value <= max) {
                return value;
            }
        } catch (NumberFormatException e) {
            // Said below, together with the range.
        }
        throw new AdminProblem(400, name + ": expected " + min + ".." + max + ", found '" + text + "'");
    }

    /**
     * The last segment of the path, a number.
     *
     * @throws AdminProblem 404 when it is none, or under 1
     */
    public long lastSegment() {
        String text = path.substring(path.lastIndexOf('/') + 1);
        try {
            long value = Long.parseLong(text);
            if (value >= 1) {
                return value;
            }
        } catch (NumberFormatException e) {
            // Said below.
        }
        throw new AdminProblem(404, "no such path: " + path);
    }

    /**
     * The body as {@code record}; an empty body is an empty object.
     *
     * @throws AdminProblem 400 when it is not that
     */
    public <T> T json(Class<T> record) {
        try {
            T value = Json.read(body.length == 0 ? new byte[] {'{', '}'} : body, record);
            if (value == null) {
                throw new AdminProblem(400, "body: expected an object, found null");
            }
            return value;
        } catch (JacksonException e) {
            throw new AdminProblem(400, "body: " + e.getOriginalMessage());
        }
    }
}
