/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.admin.AdminConfig;
import io.twinwall.admin.AdminConfig.AdminLimits;
import io.twinwall.admin.AdminConfig.AdminRemote;
import io.twinwall.admin.AdminConfig.AdminSocket;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;

/** {@link ConfigBinder} of what people and their programs reach the daemon by: {@code [admin]} and {@code [web]}. */
final class ConfigAdminBinder {
    private static final Pattern GROUP = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]{0,31}");
    private static final Pattern MODE = Pattern.compile("0600|0660");

    private ConfigAdminBinder() {}

    static Config.Admin admin(ConfigTable table) {
        Path socket = table.absolutePath("socket", AdminConfig.SOCKET_PATH_BYTES_MAX, CliClient.SOCKET);
        Optional<String> group = table.optionalText("socket-group", "the name of a group of this host", GROUP);
        Optional<String> mode = table.optionalText("socket-mode", "\"0600\" or \"0660\"", MODE);
        InetSocketAddress metrics = table.has("metrics") ? table.addressAndPort("metrics", null) : null;
        Config.Remote remote = table.has("remote") ? remote(table.table("remote")) : null;
        table.done();
        boolean groupMay = mode.map("0660"::equals).orElse(group.isPresent());
        if (group.isPresent() && !groupMay) {
            table.wrong("socket-group", "socket-mode = \"0660\" beside it, or none", "a group that may do nothing");
        }
        if (metrics != null && remote != null && metrics.equals(remote.listen())) {
            table.wrong("metrics", "another address than admin.remote.listen", "the same");
        }
        boolean whole = socket != null && (remote != null || !table.has("remote"));
        return whole
                ? new Config.Admin(socket, groupMay, group, Optional.ofNullable(metrics), Optional.ofNullable(remote))
                : null;
    }

    private static Config.Remote remote(ConfigTable table) {
        if (table == null) {
            return null;
        }
        InetSocketAddress listen = table.addressAndPort("listen", null);
        Path certificate = table.absolutePath("certificate", ConfigBinder.PATH_BYTES_MAX, null);
        Path key = table.absolutePath("key", ConfigBinder.PATH_BYTES_MAX, null);
        Path tokens = table.absolutePath("token-file", ConfigBinder.PATH_BYTES_MAX, null);
        table.done();
        return listen == null || certificate == null || key == null || tokens == null
                ? null
                : new Config.Remote(listen, certificate, key, tokens);
    }

    static Config.Web web(ConfigTable table) {
        Boolean enabled = table.bool("enabled", false);
        table.done();
        return enabled == null ? null : new Config.Web(enabled);
    }

    /** As the admin server wants it. */
    static AdminConfig server(Config.Admin admin) {
        return new AdminConfig(
                new AdminSocket(admin.socket(), admin.groupMay(), admin.group().orElse(null)),
                admin.metrics().orElse(null),
                admin.remote()
                        .map(remote -> new AdminRemote(
                                remote.listen(), remote.certificate(), remote.key(), remote.tokenFile()))
                        .orElse(null),
                AdminLimits.DEFAULT);
    }
}
