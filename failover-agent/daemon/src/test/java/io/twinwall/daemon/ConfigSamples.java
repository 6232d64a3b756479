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
            interface = "lan0"

            [[path]]
            name = "wire"
            serial = "/dev/ttyS0"
            baud = 230400

            [sync]
            enabled = true
            local = "[2001:db8::2]:47901"
            peer = "[2001:db8::1]:47901"
            flows-max = 4194304
            event-buffer-mb = 128
            expectations = false
            duplicate = true
            set-interval-ms = 500

            [[sync.filter]]
            action = "sync"
            protocol = "udp"
            port = "5060-5061"
            source = "10.10.0.0/16"
            destination = "192.0.2.0/24"
            either = "10.10.1.0/24"
            zone = 7

            [[sync.filter]]
            action = "skip"
            protocol = "tcp"
            port = 53
            state = ["time-wait", "close"]
            mark = "0x10/0xf0"

            [[sync.filter]]
            action = "skip"
            protocol = 99
            mark = "0xffffffff"
            younger-than-s = 30

            [[sync.set]]
            family = "ip6"
            table = "filter"
            name = "bans"

            [[sync.set]]
            family = "inet"
            table = "filter"
            name = "knocked_1"

            [[vip]]
            address = "10.10.0.254/24"
            interface = "lan0"

            [[vip]]
            address = "2001:db8:1::254/64"

            [timing]
            heartbeat-ms = 20
            lease-ms = 60
            dead-ms = 120

            [fence]
            mode = "strict"

            [takeover]
            probe-vips = false
            countdown-s = 0

            [fail-back]
            policy = "priority"
            delay-s = 30

            [flap]
            max = 3
            window-s = 120
            hold-s = 300

            [[track]]
            kind = "interface"
            interface = "wan0"
            up-delay-ms = 3000
            name = "uplink"
            weight = "fault"

            [[track]]
            kind = "address"
            address = "203.0.113.1"
            method = "arp"
            interface = "wan0"
            interval-ms = 500
            timeout-ms = 200
            rise = 3
            fall = 4
            name = "gateway"
            weight = 15

            [[track]]
            kind = "process"
            pid-file = "/run/unbound.pid"
            interval-ms = 1000
            timeout-ms = 500
            rise = 2
            fall = 2
            name = "resolver"
            weight = 20

            [[track]]
            kind = "port"
            host = "127.0.0.1"
            port = 3128
            interval-ms = 1000
            timeout-ms = 500
            rise = 2
            fall = 2
            name = "proxy"
            weight = 254

            [[track]]
            kind = "script"
            command = ["/usr/local/sbin/check", "--quick", "a \\"word\\""]
            interval-ms = 5000
            timeout-ms = 2000
            rise = 1
            fall = 3
            name = "own-check"
            weight = 30

            [[hook]]
            on = ["master"]
            command = ["/etc/twinwall/hooks/announce"]
            timeout-ms = 200
            before = true

            [[hook]]
            on = ["backup", "fault", "maintenance", "init"]
            command = ["/etc/twinwall/hooks/withdraw", "now"]
            timeout-ms = 10000
            before = false

            [[route]]
            to = "0.0.0.0/0"
            via = "203.0.113.1"
            interface = "wan0"
            table = 100
            metric = 10
            source = "203.0.113.10"

            [[route]]
            to = "2001:db8:2::/48"
            interface = "wan0"
            table = 254
            metric = 0

            [[rule]]
            from = "10.10.0.0/24"
            to = "192.0.2.0/24"
            fwmark = 4294967295
            table = 100
            priority = 1000

            [[alert]]
            kind = "mail"
            server = "mail.example.net"
            port = 465
            security = "tls"
            user = "twinwall"
            password-file = "/etc/twinwall/mail.password"
            ca-file = "/etc/twinwall/ca.pem"
            from = "fw-b@example.net"
            to = ["ops@example.net", "boss+fw@example.net"]
            name = "ops"
            kinds = ["peer-lost", "takeover", "two-actives"]
            min-severity = "info"
            repeat-minutes = 0
            per-hour = 12
            timeout-s = 60
            retry-minutes = 120

            [[alert]]
            kind = "webhook"
            url = "https://chat.example.net:8443/hooks/7?room=fw"
            secret-file = "/etc/twinwall/chat.secret"
            ca-file = "/etc/twinwall/ca.pem"
            name = "chat"
            min-severity = "warning"
            repeat-minutes = 60
            per-hour = 30
            timeout-s = 30
            retry-minutes = 30

            [[alert]]
            kind = "script"
            command = ["/etc/twinwall/alert", "--page"]
            name = "pager"
            kinds = ["drift"]
            min-severity = "critical"
            repeat-minutes = 15
            per-hour = 600
            timeout-s = 5
            retry-minutes = 0

            [admin]
            socket = "/run/twinwall/other.sock"
            socket-mode = "0660"
            socket-group = "wheel"
            metrics = "127.0.0.1:9470"

            [admin.remote]
            listen = "0.0.0.0:9471"
            certificate = "/etc/twinwall/tls.crt"
            key = "/etc/twinwall/tls.key"
            token-file = "/etc/twinwall/tokens"

            [web]
            enabled = true

            [runtime]
            directory = "/dev/shm/other"

            [state]
            directory = "/var/lib/other"

            [journal]
            enabled = true
            directory = "/var/lib/other/history"
            size-mb = 256
            age-days = 30
            deltas = true
            """;

    private ConfigSamples() {}
}
