/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

/** Valid configurations that tests change. */
final class ConfigSamples {
    /** The shortest: everything else has a default. */
    static final String SHORT = """
            [cluster]
            id = 7
            [node]
            name = "fw-a"
            id = 1
            role = "master"
            [peer]
            name = "fw-b"
            id = 2
            [[path]]
            name = "sync"
            local = "10.99.0.1:47900"
            peer = "10.99.0.2:47900"
            [sync]
            local = "10.99.0.1:47901"
            peer = "10.99.0.2:47901"
            [[vip]]
            address = "10.10.0.254/24"
            interface = "lan0"
            """;

    /** Every key there is. */
    static final String FULL = """
            [cluster]
            id = 255
            key-file = "/etc/twinwall/other.key"

            [node]
            name = "fw-b"
            id = 2
            role = "slave"
            priority = 50

            [peer]
            name = "fw-a"
            id = 1

            [[path]]
            name = "sync"
            local = "[2001:db8::2]:47900"
            peer = "[2001:db8::1]:47900"

            [[path]]
            name = "lan"
            local = "10.10.0.2:47900"
            peer = "10.10.0.1:47900"

            [sync]
            enabled = true
            local = "[2001:db8::2]:47901"
            peer = "[2001:db8::1]:47901"
            flows-max = 4194304
            event-buffer-mb = 128

            [[vip]]
            address = "10.10.0.254/24"
            interface = "lan0"

            [[vip]]
            address = "2001:db8:1::254/64"
            interface = "lan0"

            [timing]
            heartbeat-ms = 20
            lease-ms = 60
            dead-ms = 120

            [fence]
            mode = "strict"

            [admin]
            socket = "/run/twinwall/other.sock"
            metrics = "127.0.0.1:9470"

            [runtime]
            directory = "/dev/shm/other"
            """;

    private ConfigSamples() {}
}
