/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.alerts;

import java.util.Locale;

/** Constants as the configuration and metrics write them. */
final class Words {
    private Words() {}

    static String of(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
