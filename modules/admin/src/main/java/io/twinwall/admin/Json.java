/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.admin;

import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * JSON of the admin API: records in their declared order. Unknown names are skipped, so that a newer client and an
 * older daemon understand each other; absent and null numbers read as 0.
 */
public final class Json {
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .disable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .disable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .build();

    private Json() {}

    public static byte[] bytes(Object record) {
        return MAPPER.writeValueAsBytes(record);
    }

    public static String text(Object record) {
        return MAPPER.writeValueAsString(record);
    }

    /** Throws {@link tools.jackson.core.JacksonException} when {@code json} is not a {@code type}. */
    public static <T> T read(byte[] json, Class<T> type) {
        return MAPPER.readValue(json, type);
    }

    /** As {@link #read(byte[], Class)}. */
    public static <T> T read(String json, Class<T> type) {
        return MAPPER.readValue(json, type);
    }
}
