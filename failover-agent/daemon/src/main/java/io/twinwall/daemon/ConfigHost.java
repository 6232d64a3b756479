/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Holds a checked configuration against this host, for {@code check-config}. Warnings only: the file may be meant for
 * another host, or for this one once it is complete.
 */
final class ConfigHost {
    private static final Set<PosixFilePermission> OTHERS = EnumSet.of(
            PosixFilePermission.GROUP_READ,
            PosixFilePermission.GROUP_WRITE,
            PosixFilePermission.OTHERS_READ,
            PosixFilePermission.OTHERS_WRITE);

    private final String file;
    private final Predicate<String> interfaceThere;
    private final List<ConfigProblem> warnings = new ArrayList<>();

    private ConfigHost(String file, Predicate<String> interfaceThere) {
        this.file = file;
        this.interfaceThere = interfaceThere;
    }

    /** What of {@code config}, read from {@code file}, this host does not have. */
    static List<ConfigProblem> warnings(String file, Config config) {
        return warnings(file, config, name -> Files.exists(Path.of("/sys/class/net", name)));
    }

    static List<ConfigProblem> warnings(String file, Config config, Predicate<String> interfaceThere) {
        ConfigHost host = new ConfigHost(file, interfaceThere);
        host.keyFile(config.cluster().keyFile());
        host.interfaces(config);
        for (int i = 0; i < config.hooks().size(); i++) {
            host.executable("hook[" + i + "].command", config.hooks().get(i).command());
        }
        for (int i = 0; i < config.tracks().size(); i++) {
            if (config.tracks().get(i) instanceof Config.TrackScript script) {
                host.executable("track[" + i + "].command", script.command());
            }
        }
        for (int i = 0; i < config.paths().size(); i++) {
            if (config.paths().get(i) instanceof Config.Serial serial && !Files.exists(serial.device())) {
                host.warn("path[" + i + "].serial", "a serial line of this host", "none at " + serial.device());
            }
        }
        return List.copyOf(host.warnings);
    }

    private void keyFile(Path keyFile) {
        try {
            Set<PosixFilePermission> mode = Files.getPosixFilePermissions(keyFile);
            if (mode.stream().anyMatch(OTHERS::contains)) {
                warn("cluster.key-file", "a file only its owner may read, mode 0600", keyFile + " open to others");
            }
        } catch (IOException e) {
            warn("cluster.key-file", "the cluster's key", "no readable " + keyFile);
        }
    }

    private void interfaces(Config config) {
        Stream<String> vips = config.vips().stream().map(Config.Vip::interfaceName);
        Stream<String> paths = config.paths().stream()
                .map(path ->
                        path instanceof Config.Udp udp ? udp.interfaceName().orElse("") : "");
        Stream<String> routes =
                config.routes().stream().map(route -> route.interfaceName().orElse(""));
        Stream<String> tracks = config.tracks().stream().map(track -> switch (track) {
            case Config.TrackInterface one -> one.interfaceName();
            case Config.TrackAddress one -> one.interfaceName();
            case Config.TrackProcess one -> "";
            case Config.TrackPort one -> "";
            case Config.TrackScript one -> "";
        });
        Stream.of(paths, vips, tracks, routes)
                .flatMap(names -> names)
                .filter(Objects::nonNull)
                .filter(name -> !name.isEmpty() && !interfaceThere.test(name))
                .distinct()
                .forEach(name -> warn("interface", "an interface of this host", "no \"" + name + "\""));
    }

    private void executable(String key, List<String> command) {
        Path program = Path.of(command.getFirst());
        if (!Files.isRegularFile(program)) {
            warn(key, "a program", "none at " + program);
        } else if (!Files.isExecutable(program)) {
            warn(key, "a program that may be executed", program + " without that permission");
        }
    }

    private void warn(String key, String expected, String found) {
        warnings.add(new ConfigProblem(file, 0, key, expected, found, ""));
    }
}
