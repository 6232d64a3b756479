/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.alerts.AlertKind;
import io.twinwall.alerts.AlertSpec;
import java.util.LinkedHashMap;
import java.util.Map;

/** {@link ConfigText} of {@code [[alert]]}. Names files, never what is in them. */
final class ConfigAlertText {
    private static final long NS_PER_S = 1_000_000_000L;

    private ConfigAlertText() {}

    /** Without what may be secret in the file itself: the path of a webhook's URL. */
    static Map<String, Object> withoutSecrets(AlertSpec alert) {
        Map<String, Object> map = alert(alert);
        if (alert.target() instanceof AlertSpec.Webhook webhook) {
            map.put("url", webhook.where());
        }
        return map;
    }

    static Map<String, Object> alert(AlertSpec alert) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("kind", ConfigAlertBinder.lower(alert.target().way()));
        switch (alert.target()) {
            case AlertSpec.Mail mail -> {
                map.put("server", mail.server());
                map.put("port", mail.port());
                map.put("security", ConfigAlertBinder.lower(mail.security()));
                mail.user().ifPresent(user -> map.put("user", user));
                mail.passwordFile().ifPresent(file -> map.put("password-file", file.toString()));
                mail.caFile().ifPresent(file -> map.put("ca-file", file.toString()));
                map.put("from", mail.from());
                map.put("to", mail.to());
            }
            case AlertSpec.Webhook webhook -> {
                map.put("url", webhook.url().toString());
                webhook.secretFile().ifPresent(file -> map.put("secret-file", file.toString()));
                webhook.caFile().ifPresent(file -> map.put("ca-file", file.toString()));
            }
            case AlertSpec.Script script -> map.put("command", script.command());
        }
        map.put("name", alert.name());
        if (!alert.policy().kinds().isEmpty()) {
            map.put(
                    "kinds",
                    alert.policy().kinds().stream().map(AlertKind::word).toList());
        }
        map.put("min-severity", alert.policy().least().word());
        map.put("repeat-minutes", alert.policy().repeatNs() / NS_PER_S / 60);
        map.put("per-hour", alert.policy().perHour());
        map.put("timeout-s", alert.timeoutNs() / NS_PER_S);
        map.put("retry-minutes", alert.retryNs() / NS_PER_S / 60);
        return map;
    }
}
