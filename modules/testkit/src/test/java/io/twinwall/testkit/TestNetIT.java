/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.base.Fatal;
import io.twinwall.linux.NetNs;
import io.twinwall.linux.Posix;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@RequireRoot
@ExtendWith(NetNsExtension.class)
class TestNetIT {
    @Test
    void shouldJoinNamespacesByVeth(TestNet net) throws Exception {
        String left = net.namespace();
        String right = net.namespace();
        net.veth(left, "lan0", right, "lan0");
        net.address(left, "lan0", "192.0.2.1/24");
        net.address(right, "lan0", "192.0.2.2/24");
        net.address(right, "lan0", "2001:db8::2/64");
        net.address(left, "lan0", "2001:db8::1/64");
        for (String address : new String[] {"192.0.2.2", "2001:db8::2"}) {
            try (ServerSocket server = NetNs.call(right, () -> new ServerSocket(0, 1, InetAddress.getByName(address)));
                    Socket client = NetNs.call(left, () -> new Socket(address, server.getLocalPort()));
                    Socket accepted = server.accept()) {
                assertEquals(client.getLocalPort(), accepted.getPort());
            }
        }
    }

    @Test
    void shouldSetSysctlOfOneNamespaceOnly(TestNet net) {
        String one = net.namespace();
        String two = net.namespace();
        net.sysctl(one, "net/ipv4/ip_forward", "1");
        assertEquals("1", Cmd.in(one, "cat", "/proc/sys/net/ipv4/ip_forward").strip());
        net.sysctl(two, "net/ipv4/ip_forward", "0");
        assertEquals("1", Cmd.in(one, "cat", "/proc/sys/net/ipv4/ip_forward").strip());
    }

    @Test
    void shouldRunJavaInsideNamespaceOnThreadOfItsOwn(TestNet net) throws Exception {
        String inside = net.namespace();
        net.bridge(inside, "br-tw");
        assertTrue(NetNs.call(inside, () -> Posix.ifNameToIndex("br-tw")) > 0);
        assertTrue(Posix.ifNameToIndex("br-tw") < 0, "the caller's own namespace");
        assertThrows(Fatal.class, () -> NetNs.call("tw-absent", () -> 0));
        IllegalStateException thrown = assertThrows(
                IllegalStateException.class,
                () -> NetNs.call(inside, () -> {
                    throw new IllegalStateException("mine");
                }));
        assertEquals("mine", thrown.getMessage());
    }

    @Test
    void shouldRemoveNamespacesOnCloseAndOfDeadProcesses() {
        String name;
        try (TestNet net = new TestNet()) {
            name = net.namespace();
            assertTrue(Files.exists(Path.of(NetNs.path(name))));
            assertFalse(TestNet.removeLeftovers().contains(name), "its process lives");
        }
        assertFalse(Files.exists(Path.of(NetNs.path(name))));
        // pid_max is at most 2^22, so this process cannot exist
        Cmd.run("ip", "netns", "add", "tw-99999999-1");
        TestNet.removeLeftovers();
        // Whoever swept: another process may have been first.
        assertFalse(Files.exists(Path.of(NetNs.path("tw-99999999-1"))));
    }

    @Test
    void shouldFailWithBothOutputsOfACommand() {
        AssertionError error =
                assertThrows(AssertionError.class, () -> Cmd.run("sh", "-c", "echo out; echo err >&2; exit 3"));
        assertTrue(error.getMessage().contains("exit code 3"), error.getMessage());
        assertTrue(error.getMessage().contains("out") && error.getMessage().contains("err"), error.getMessage());
        assertEquals("fed", Cmd.runWithInput("fed", "cat"));
        assertNotEquals(0, Cmd.tryRun("", "false").exitCode());
    }
}
