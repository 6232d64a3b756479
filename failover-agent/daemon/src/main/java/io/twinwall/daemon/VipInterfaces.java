/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.base.ExitCode;
import io.twinwall.base.Fatal;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;

/** Chooses interfaces for the virtual addresses that name none: the one that has an address in the same net. */
final class VipInterfaces {
    /** An address that an interface of this host has. */
    record Own(String interfaceName, InetAddress address) {}

    private VipInterfaces() {}

    /**
     * {@code config} with an interface for every virtual address.
     *
     * @throws Fatal CONFIG when no interface fits, or more than one
     */
    static Config chosen(Config config) {
        boolean open =
                config.vips().stream().anyMatch(vip -> vip.interfaceName().isEmpty());
        return open ? chosen(config, own()) : config;
    }

    static Config chosen(Config config, List<Own> own) {
        List<Config.Vip> vips = new ArrayList<>();
        for (Config.Vip vip : config.vips()) {
            boolean open = vip.interfaceName().isEmpty();
            vips.add(open ? new Config.Vip(vip.address(), vip.prefixLength(), choose(vip, own)) : vip);
        }
        return config.with(vips);
    }

    private static String choose(Config.Vip vip, List<Own> own) {
        List<String> fitting = own.stream()
                .filter(one -> !one.address().equals(vip.address()))
                .filter(one -> ConfigAddress.inNet(one.address(), vip.address(), vip.prefixLength()))
                .map(Own::interfaceName)
                .distinct()
                .toList();
        if (fitting.size() == 1) {
            return fitting.getFirst();
        }
        throw new Fatal(
                ExitCode.CONFIG,
                "vip " + vip.text() + ": "
                        + (fitting.isEmpty() ? "no interface has" : String.join(", ", fitting) + " have")
                        + " an address in that net. Name the interface in the [[vip]].");
    }

    private static List<Own> own() {
        try {
            return NetworkInterface.networkInterfaces()
                    .flatMap(one -> one.inetAddresses().map(address -> new Own(one.getName(), address)))
                    .toList();
        } catch (SocketException e) {
            throw new Fatal(
                    ExitCode.ENVIRONMENT,
                    "the interfaces cannot be listed (" + e.getMessage() + "). Name one in each [[vip]].",
                    e);
        }
    }
}
