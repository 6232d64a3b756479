/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.daemon.Config.Method;
import io.twinwall.daemon.Config.Track;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** The tables {@code [[track]]}: which keys each kind has, and what it is called when the file does not say. */
final class ConfigTrackBinder {
    private static final int PATH_BYTES_MAX = 4095;

    /** As the kernel keeps it ({@code comm}): 15 bytes. */
    private static final Pattern PROCESS = Pattern.compile("[\\x21-\\x2e\\x30-\\x7e]{1,15}");

    /** Metrics carry it. */
    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9-]{0,31}");

    private static final int NAME_MAX = 32;

    /** The weight of a test address: enough to move the role to a node of equal priority that hears it. */
    private static final int ADDRESS_WEIGHT = 20;

    /** What a tracker can look at. */
    private enum Kind implements Config.Word {
        INTERFACE,
        ADDRESS,
        PROCESS,
        PORT,
        SCRIPT
    }

    private ConfigTrackBinder() {}

    static Track track(ConfigTable table) {
        Kind kind = table.word("kind", List.of(Kind.values()), null);
        return switch (kind) {
            case null -> null;
            case INTERFACE -> interfaceOf(table);
            case ADDRESS -> address(table);
            case PROCESS -> process(table);
            case PORT -> port(table);
            case SCRIPT -> script(table);
        };
    }

    private static Track interfaceOf(ConfigTable table) {
        String interfaceName = interfaceName(table);
        String name = name(table, "interface-" + interfaceName);
        Integer upDelayMs = table.integer("up-delay-ms", 0, 3_600_000, 0);
        Integer weight = weight(table, Track.FAULT);
        table.done();
        return interfaceName == null || name == null || upDelayMs == null || weight == null
                ? null
                : new Config.TrackInterface(name, interfaceName, upDelayMs, weight);
    }

    private static Track address(ConfigTable table) {
        InetAddress address = table.address("address");
        Method absent = address == null || address instanceof Inet4Address ? Method.ARP : Method.ND;
        Method method = table.word("method", List.of(Method.values()), absent);
        String interfaceName = interfaceName(table);
        String name = name(table, "address-" + (address == null ? "" : ConfigAddress.text(address)));
        Config.Judgement judgement = judgement(table);
        Integer weight = weight(table, ADDRESS_WEIGHT);
        table.done();
        return address == null
                        || method == null
                        || interfaceName == null
                        || name == null
                        || judgement == null
                        || weight == null
                ? null
                : new Config.TrackAddress(name, address, method, interfaceName, judgement, weight);
    }

    private static Track process(ConfigTable table) {
        boolean byFile = table.has("pid-file");
        boolean byName = table.has("process");
        Path pidFile = byFile ? table.absolutePath("pid-file", PATH_BYTES_MAX, null) : null;
        String process = byName || !byFile
                ? table.text("process", "a process name of 1..15 characters without '/', or a pid-file", PROCESS)
                : null;
        if (byFile && byName) {
            table.wrong("process", "a pid-file or a process name", "both");
        }
        String name = name(table, "process-" + (byFile ? fileName(pidFile) : process));
        Config.Judgement judgement = judgement(table);
        Integer weight = weight(table, Track.FAULT);
        table.done();
        return (pidFile == null && process == null) || name == null || judgement == null || weight == null
                ? null
                : new Config.TrackProcess(
                        name, Optional.ofNullable(pidFile), Optional.ofNullable(process), judgement, weight);
    }

    private static Track port(ConfigTable table) {
        InetAddress host = table.address("host");
        Integer port = table.integer("port", 1, 65_535, null);
        String name = name(table, "port-" + port + (host == null ? "" : "-" + ConfigAddress.text(host)));
        Config.Judgement judgement = judgement(table);
        Integer weight = weight(table, Track.FAULT);
        table.done();
        return host == null || port == null || name == null || judgement == null || weight == null
                ? null
                : new Config.TrackPort(name, host, port, judgement, weight);
    }

    private static Track script(ConfigTable table) {
        List<String> command = table.command("command");
        String name = name(table, "script-" + (command == null ? "" : fileName(Path.of(command.getFirst()))));
        Config.Judgement judgement = judgement(table);
        Integer weight = weight(table, Track.FAULT);
        table.done();
        return command == null || name == null || judgement == null || weight == null
                ? null
                : new Config.TrackScript(name, command, judgement, weight);
    }

    private static String interfaceName(ConfigTable table) {
        return table.text("interface", ConfigBinder.INTERFACE_IS, ConfigBinder.INTERFACE);
    }

    private static String fileName(Path path) {
        return path == null || path.getFileName() == null
                ? ""
                : path.getFileName().toString();
    }

    /** The name given; else one made of kind and subject, as {@link #NAME} wants it. */
    private static String name(ConfigTable table, String subject) {
        if (table.has("name")) {
            return table.text(
                    "name", "a lower-case letter, then at most 31 lower-case letters, digits and hyphens", NAME);
        }
        String plain = subject.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
        return plain.substring(0, Math.min(NAME_MAX, plain.length()));
    }

    private static Config.Judgement judgement(ConfigTable table) {
        Integer intervalMs = table.integer("interval-ms", 10, 3_600_000, 1_000);
        // A look that outlives its interval would overlap the next.
        int most = intervalMs == null ? 3_600_000 : intervalMs;
        Integer timeoutMs = table.integer("timeout-ms", 1, most, Math.min(most, 500));
        Integer rise = table.integer("rise", 1, 100, 2);
        Integer fall = table.integer("fall", 1, 100, 2);
        return intervalMs == null || timeoutMs == null || rise == null || fall == null
                ? null
                : new Config.Judgement(intervalMs, timeoutMs, rise, fall);
    }

    private static Integer weight(ConfigTable table, int absent) {
        return table.integerOr("weight", 1, 254, Map.of("fault", Track.FAULT), absent);
    }
}
