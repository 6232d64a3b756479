/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.alerts.AlertKind;
import io.twinwall.alerts.AlertPolicy;
import io.twinwall.alerts.AlertSpec;
import io.twinwall.alerts.AlertSpec.Security;
import io.twinwall.alerts.AlertSpec.Target;
import io.twinwall.alerts.AlertSpec.Way;
import io.twinwall.alerts.Severity;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** The tables {@code [[alert]]}: which keys each kind has. */
final class ConfigAlertBinder {
    private static final int PATH_BYTES_MAX = 4095;
    private static final int TO_MAX = 32;
    private static final int URL_CHARS_MAX = 2_000;
    private static final long NS_PER_S = 1_000_000_000L;

    static final Map<String, Way> WAYS = words(Way.values());
    static final Map<String, Security> SECURITIES = words(Security.values());
    static final Map<String, Severity> SEVERITIES = words(Severity.values());
    static final Map<String, AlertKind> KINDS = kinds();

    /** Threads carry it. */
    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9-]{0,31}");

    private static final Pattern SERVER = Pattern.compile("[A-Za-z0-9:]([A-Za-z0-9.:-]{0,252})");
    private static final Pattern USER = Pattern.compile("[^\\p{Cntrl}]{1,256}");

    /** RFC 5321, section 4.1.2, without quoted local parts and address literals, which nobody's mailbox has. */
    private static final Pattern MAILBOX =
            Pattern.compile("(?!\\.)(?!.*\\.\\.)(?!.*\\.@)[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}"
                    + "@[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?");

    private ConfigAlertBinder() {}

    static AlertSpec alert(ConfigTable table) {
        Way way = table.choice("kind", WAYS, null);
        if (way == null) {
            return null;
        }
        Target target = switch (way) {
            case MAIL -> mail(table);
            case WEBHOOK -> webhook(table);
            case SCRIPT -> script(table);
        };
        String name = table.has("name")
                ? table.text(
                        "name", "a lower-case letter, then at most 31 lower-case letters, digits and hyphens", NAME)
                : lower(way);
        AlertPolicy policy = policy(table);
        Integer timeoutS = table.integer("timeout-s", 1, 300, 30);
        Integer retryMinutes = table.integer("retry-minutes", 0, 1_440, 30);
        table.done();
        return target == null || name == null || policy == null || timeoutS == null || retryMinutes == null
                ? null
                : new AlertSpec(name, policy, target, timeoutS * NS_PER_S, retryMinutes * 60 * NS_PER_S);
    }

    private static AlertPolicy policy(ConfigTable table) {
        List<AlertKind> kinds = table.has("kinds") ? table.choices("kinds", KINDS) : List.of();
        Severity least = table.choice("min-severity", SEVERITIES, Severity.WARNING);
        Integer repeatMinutes = table.integer("repeat-minutes", 0, 10_080, 60);
        Integer perHour = table.integer("per-hour", 1, 600, 30);
        return kinds == null || least == null || repeatMinutes == null || perHour == null
                ? null
                : new AlertPolicy(kinds, least, repeatMinutes * 60 * NS_PER_S, perHour);
    }

    private static Target mail(ConfigTable table) {
        String server = table.text("server", "the name or address of a mail server", SERVER);
        Security security = table.choice("security", SECURITIES, Security.STARTTLS);
        Integer port = table.integer("port", 1, 65_535, security == null ? 25 : port(security));
        Optional<String> user = table.optionalText("user", "a name of 1..256 characters", USER);
        Optional<Path> passwordFile = path(table, "password-file");
        Optional<Path> caFile = path(table, "ca-file");
        String from = table.text("from", "an address, such as twinwall@example.net", MAILBOX);
        List<String> to = table.texts("to", "a list of 1.." + TO_MAX + " addresses, each once", MAILBOX, TO_MAX);
        if (table.has("user") != table.has("password-file")) {
            table.wrong(table.has("user") ? "user" : "password-file", "user and password-file, or neither");
        }
        if (security == Security.PLAIN && table.has("ca-file")) {
            table.wrong("ca-file", "ca-file only where security is tls or starttls");
        }
        if (security == Security.PLAIN && table.has("user")) {
            table.warn("security", "tls or starttls beside a password", "plain: anybody on the way can read it");
        }
        return server == null || security == null || port == null || user == null || from == null || to == null
                ? null
                : new AlertSpec.Mail(server, port, security, user, passwordFile, caFile, from, to);
    }

    /** RFC 8314, section 3.3, and RFC 6409. */
    private static int port(Security security) {
        return switch (security) {
            case TLS -> 465;
            case STARTTLS -> 587;
            case PLAIN -> 25;
        };
    }

    private static Target webhook(ConfigTable table) {
        URI url = table.value("url", "\"https://host/path\" or \"http://...\", without a user", null, found -> {
            return found instanceof String text ? url(text) : null;
        });
        Optional<Path> secretFile = path(table, "secret-file");
        Optional<Path> caFile = path(table, "ca-file");
        boolean clear = url != null && url.getScheme().equals("http");
        if (clear && table.has("ca-file")) {
            table.wrong("ca-file", "ca-file only beside an https url");
        }
        if (clear) {
            table.warn("url", "https", "http: anybody on the way can read and change it");
        }
        return url == null ? null : new AlertSpec.Webhook(url, secretFile, caFile);
    }

    private static URI url(String text) {
        try {
            URI url = new URI(text);
            boolean web = "https".equals(url.getScheme()) || "http".equals(url.getScheme());
            return web
                            && text.length() <= URL_CHARS_MAX
                            && url.getHost() != null
                            && url.getRawUserInfo() == null
                            && url.getRawFragment() == null
                            && url.getPort() <= 65_535
                            && url.getPort() != 0
                    ? url
                    : null;
        } catch (URISyntaxException e) {
            return null;
        }
    }

    private static Target script(ConfigTable table) {
        List<String> command = table.command("command");
        return command == null ? null : new AlertSpec.Script(command);
    }

    private static Optional<Path> path(ConfigTable table, String key) {
        return table.has(key) ? Optional.ofNullable(table.absolutePath(key, PATH_BYTES_MAX, null)) : Optional.empty();
    }

    private static <T extends Enum<T>> Map<String, T> words(T[] values) {
        Map<String, T> words = new LinkedHashMap<>();
        for (T value : values) {
            words.put(lower(value), value);
        }
        return words;
    }

    private static Map<String, AlertKind> kinds() {
        Map<String, AlertKind> words = new LinkedHashMap<>();
        AlertKind.choice().forEach(kind -> words.put(kind.word(), kind));
        return words;
    }

    static String lower(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
