/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.addresses;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.linux.NetNs;
import io.twinwall.netlink.RtPrefix;
import io.twinwall.testkit.Await;
import io.twinwall.testkit.Cmd;
import io.twinwall.testkit.NetNsExtension;
import io.twinwall.testkit.RequireRoot;
import io.twinwall.testkit.TestNet;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@RequireRoot
@ExtendWith(NetNsExtension.class)
class RoutesIT {
    private static final Route DEFAULT = route("0.0.0.0", 0, "10.10.0.9", "lan0", Route.MAIN, "10.10.0.254");
    private static final Route DEFAULT6 = route("::", 0, "fd00:10::9", "lan0", Route.MAIN, "fd00:10::254");
    private static final Route OTHER_TABLE = route("0.0.0.0", 0, "10.10.0.8", "", 300, "");
    private static final Rule RULE = new Rule(false, prefix("10.20.0.0", 16), Optional.empty(), 0, 0, 300, 1000);
    private static final Rule RULE6 = new Rule(true, Optional.empty(), Optional.empty(), 0x20, 0xf0, 300, 1001);

    private String netNs;

    @BeforeEach
    void wire(TestNet net) {
        netNs = net.namespace();
        net.veth(netNs, "lan0", netNs, "peer0");
        net.address(netNs, "lan0", "10.10.0.1/24");
        net.address(netNs, "lan0", "fd00:10::1/64");
    }

    private static Optional<RtPrefix> prefix(String address, int length) {
        return Optional.of(new RtPrefix(InetAddress.ofLiteral(address), length));
    }

    private static Route route(String to, int length, String via, String device, int table, String source) {
        return new Route(
                prefix(to, length).orElseThrow(),
                Optional.of(InetAddress.ofLiteral(via)),
                device,
                table,
                0,
                source.isEmpty() ? Optional.empty() : Optional.of(InetAddress.ofLiteral(source)));
    }

    private Routes open(List<Route> routes, List<Rule> rules) throws Exception {
        return NetNs.call(netNs, () -> Routes.open(routes, rules));
    }

    private String ip(String... words) {
        String[] command = new String[words.length + 1];
        command[0] = "ip";
        System.arraycopy(words, 0, command, 1, words.length);
        return Cmd.in(netNs, command).replaceAll("[ \t]+", " ");
    }

    /** All but what the kernel makes by itself, in its own time. */
    private String everything() {
        String all = ip("-4", "route", "show", "table", "all")
                + ip("-6", "route", "show", "table", "all")
                + ip("-4", "rule")
                + ip("-6", "rule");
        return all.lines().filter(line -> !line.contains("proto kernel")).collect(Collectors.joining("\n"));
    }

    @Test
    void shouldFollowTheRole() throws Exception {
        String before = everything();
        try (Routes routes = open(List.of(DEFAULT, DEFAULT6, OTHER_TABLE), List.of(RULE, RULE6));
                Vips vips = NetNs.call(netNs, () -> Vips.open(Segment.both()))) {
            assertEquals("", routes.remove(), "at the start there is nothing to take off");
            for (int i = 0; i < 2; i++) {
                assertEquals("", vips.add(true));
                assertEquals("", routes.add());
                assertEquals("", routes.add(), "those that are there already are fine");
                String now = everything();
                assertTrue(now.contains("default via 10.10.0.9 dev lan0 proto 217 src 10.10.0.254"), now);
                assertTrue(now.contains("default via fd00:10::9 dev lan0 proto 217 src fd00:10::254"), now);
                assertTrue(now.contains("default via 10.10.0.8 dev lan0 table 300 proto 217"), now);
                assertTrue(now.contains("1000: from 10.20.0.0/16 lookup 300"), now);
                assertTrue(now.contains("1001: from all fwmark 0x20/0xf0 lookup 300"), now);
                assertEquals("", routes.remove());
                assertEquals("", routes.remove(), "those that are gone already are fine");
                assertEquals("", vips.remove());
                assertEquals(before, everything());
            }
        }
    }

    @Test
    void shouldMendWhatACrashLeftBehindAndKeepWhatIsStillWanted() throws Exception {
        String before = everything();
        Route local = route("0.0.0.0", 0, "10.10.0.9", "lan0", Route.MAIN, "");
        try (Routes crashed = open(List.of(local, OTHER_TABLE), List.of(RULE, RULE6))) {
            assertEquals("", crashed.add());
        }
        try (Routes restarted = open(List.of(local), List.of(RULE))) {
            assertEquals("", restarted.add());
            String now = everything();
            assertTrue(now.contains("default via 10.10.0.9"), now);
            assertTrue(now.contains("1000:"), now);
            assertFalse(now.contains("10.10.0.8"), now);
            assertFalse(now.contains("1001:"), now);
        }
        try (Routes other = open(List.of(), List.of())) {
            assertEquals("", other.remove());
            assertEquals(before, everything());
        }
    }

    @Test
    void shouldLeaveAloneWhatIsNotTwinwalls() throws Exception {
        ip("route", "add", "default", "via", "10.10.0.7");
        ip("rule", "add", "from", "10.20.0.0/16", "lookup", "300", "priority", "1000");
        Route mine = route("0.0.0.0", 0, "10.10.0.9", "lan0", Route.MAIN, "");
        try (Routes routes = open(List.of(mine, OTHER_TABLE), List.of())) {
            String problem = routes.add();
            assertTrue(problem.startsWith("add route 0.0.0.0/0 via 10.10.0.9 on interface"), problem);
            assertTrue(problem.endsWith("the one there is not Twinwall's"), problem);
            String now = everything();
            assertTrue(now.contains("default via 10.10.0.7"), now);
            assertTrue(now.contains("10.10.0.8"), "the rest is served");
            assertEquals("", routes.remove());
            assertTrue(everything().contains("default via 10.10.0.7"));
            assertTrue(everything().contains("1000: from 10.20.0.0/16"));
        }
    }

    @Test
    void shouldNameTheInterfaceThatIsMissing() throws Exception {
        Route lost = route("192.0.2.0", 24, "10.10.0.9", "dmz0", Route.MAIN, "");
        try (Routes routes = open(List.of(lost, OTHER_TABLE), List.of())) {
            assertEquals("route 192.0.2.0/24 via 10.10.0.9 dev dmz0: no such interface", routes.add());
            assertTrue(everything().contains("10.10.0.8"));
            assertEquals("", routes.remove());
            assertFalse(everything().contains("10.10.0.8"));
        }
    }

    @Test
    @Timeout(60)
    void shouldNotTouchWhatStaysWhenTheConfigurationChanges() throws Exception {
        Route kept = route("0.0.0.0", 0, "10.10.0.9", "lan0", Route.MAIN, "");
        Route moved = route("192.0.2.0", 24, "10.10.0.9", "", Route.MAIN, "");
        Route movedTo = route("192.0.2.0", 24, "10.10.0.8", "", Route.MAIN, "");
        Route kept6 = route("::", 0, "fd00:10::9", "lan0", Route.MAIN, "");
        Route moved6 = route("2001:db8::", 32, "fd00:10::9", "lan0", Route.MAIN, "");
        Route moved6To = route("2001:db8::", 32, "fd00:10::8", "lan0", Route.MAIN, "");
        Process monitor = Cmd.startIn(netNs, "ip", "-ts", "monitor", "route", "rule");
        try (BufferedReader told = monitor.inputReader();
                Routes old = open(List.of(kept, moved, kept6, moved6, OTHER_TABLE), List.of(RULE));
                Routes next = open(List.of(kept, movedTo, kept6, moved6To), List.of(RULE, RULE6))) {
            awaitListening(told);
            assertEquals("", old.add());
            assertEquals("", next.takeOver());
            String now = everything();
            assertTrue(now.contains("192.0.2.0/24 via 10.10.0.8 dev lan0"), now);
            assertTrue(now.contains("2001:db8::/32 via fd00:10::8 dev lan0"), now);
            assertFalse(now.contains("192.0.2.0/24 via 10.10.0.9"), now);
            assertFalse(now.contains("2001:db8::/32 via fd00:10::9"), now);
            assertFalse(now.contains("table 300"), now);
            assertTrue(now.contains("1000: from 10.20.0.0/16 lookup 300"), now);
            assertTrue(now.contains("1001: from all fwmark"), now);
            ip("route", "add", "203.0.113.2", "dev", "lan0");
            List<String> deleted = until(told, "203.0.113.2").stream()
                    .filter(line -> line.contains("Deleted"))
                    .toList();
            assertEquals(3, deleted.size(), deleted.toString());
            assertTrue(
                    deleted.stream()
                            .noneMatch(line ->
                                    line.contains("default via 10.10.0.9") || line.contains("default via fd00")),
                    deleted.toString());
            assertEquals("", next.remove());
            assertFalse(everything().contains("proto 217"));
        } finally {
            monitor.destroyForcibly();
        }
    }

    @Test
    void shouldKeepWhatThereWasWhenTheKernelWillNotHaveTheNew() throws Exception {
        Route moved = route("192.0.2.0", 24, "10.10.0.9", "", Route.MAIN, "");
        // Nobody can be reached there.
        Route lost = route("192.0.2.0", 24, "10.99.0.9", "", Route.MAIN, "");
        try (Routes old = open(List.of(moved, OTHER_TABLE), List.of(RULE));
                Routes next = open(List.of(lost), List.of())) {
            assertEquals("", old.add());
            String before = everything();
            String problem = next.takeOver();
            assertTrue(problem.startsWith("add route 192.0.2.0/24 via 10.99.0.9"), problem);
            assertEquals(before, everything());
            next.remove();
            assertFalse(everything().contains("proto 217"), "what was kept goes with the role");
            assertFalse(everything().contains("1000:"));
        }
    }

    /** Returns once the kernel's messages are heard. */
    private void awaitListening(BufferedReader told) throws IOException {
        Await.until("the monitor to hear", Duration.ofSeconds(10), () -> {
            ip("route", "replace", "203.0.113.1", "dev", "lan0");
            ip("route", "del", "203.0.113.1", "dev", "lan0");
            try {
                return told.ready();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        ip("route", "add", "203.0.113.3", "dev", "lan0");
        until(told, "203.0.113.3");
    }

    private static List<String> until(BufferedReader told, String word) throws IOException {
        List<String> lines = new ArrayList<>();
        String line = told.readLine();
        while (line != null && !line.contains(word)) {
            lines.add(line);
            line = told.readLine();
        }
        return lines;
    }
}
