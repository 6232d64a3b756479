/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.alerts.AlertSpec;
import java.io.IOException;
import java.nio.file.FileSystems;
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
        host.secret("cluster.key-file", "the cluster's key", config.cluster().keyFile());
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
        for (int i = 0; i < config.alerts().size(); i++) {
            host.alert("alert[" + i + "].", config.alerts().get(i).target());
        }
        host.admin(config.admin());
        return List.copyOf(host.warnings);
    }

    private void admin(Config.Admin admin) {
        admin.group().filter(group -> !groupThere(group)).ifPresent(group -> {
            warn("admin.socket-group", "a group of this host", "no \"" + group + "\"");
        });
        admin.remote().ifPresent(remote -> {
            if (!Files.isReadable(remote.certificate())) {
                warn("admin.remote.certificate", "a certificate in PEM", "no readable " + remote.certificate());
            }
            shared("admin.remote.key", "the certificate's key", remote.key());
            shared("admin.remote.token-file", "a file of tokens", remote.tokenFile());
        });
    }

    private static boolean groupThere(String group) {
        try {
            FileSystems.getDefault().getUserPrincipalLookupService().lookupPrincipalByGroupName(group);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** A file that its group may read, and that the daemon refuses when others may, too. */
    private void shared(String key, String expected, Path file) {
        try {
            if (Files.getPosixFilePermissions(file).contains(PosixFilePermission.OTHERS_READ)) {
                warn(key, "a file that others may not read, mode 0600", file + " open to others");
            }
        } catch (IOException e) {
            warn(key, expected, "no readable " + file);
        }
    }

    /** A file that the daemon refuses when anybody but its owner may read it. */
    private void secret(String key, String what, Path file) {
        try {
            Set<PosixFilePermission> mode = Files.getPosixFilePermissions(file);
            if (mode.stream().anyMatch(OTHERS::contains)) {
                warn(key, "a file only its owner may read, mode 0600", file + " open to others");
            }
        } catch (IOException e) {
            warn(key, what, "no readable " + file);
        }
    }

    private void alert(String table, AlertSpec.Target target) {
        switch (target) {
            case AlertSpec.Mail mail -> {
                mail.passwordFile().ifPresent(file -> secret(table + "password-file", "the password", file));
                mail.caFile().ifPresent(file -> readable(table + "ca-file", file));
            }
            case AlertSpec.Webhook webhook -> {
                webhook.secretFile().ifPresent(file -> secret(table + "secret-file", "the secret", file));
                webhook.caFile().ifPresent(file -> readable(table + "ca-file", file));
            }
            case AlertSpec.Script script -> executable(table + "command", script.command());
        }
    }

    private void readable(String key, Path file) {
        if (!Files.isReadable(file)) {
            warn(key, "certificates", "no readable " + file);
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
