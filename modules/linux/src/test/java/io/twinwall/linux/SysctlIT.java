/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import org.junit.jupiter.api.Test;

/** Settings of more than one digit: a second read of the same file answers nothing. */
class SysctlIT {
    private static final String RANGE = "net/ipv4/ip_local_port_range";
    private static final String LIFE = "net/ipv4/tcp_fin_timeout";

    @Test
    void shouldReadAndWriteTheSettingsOfThisThreadsNamespace() throws Exception {
        String outside = Sysctl.read(LIFE);
        NetNs.callInNew(() -> {
            Sysctl.write(LIFE, "1234");
            assertEquals(1234, Sysctl.readNumber(LIFE));
            Sysctl.write(RANGE, "20000 60999");
            assertEquals("20000\t60999", Sysctl.read(RANGE));
            assertThrows(IOException.class, () -> Sysctl.readNumber(RANGE));
            return null;
        });
        assertEquals(outside, Sysctl.read(LIFE));
    }

    @Test
    void shouldSayThatThereIsNoSuchSetting() {
        assertThrows(NoSuchFileException.class, () -> Sysctl.read("net/ipv4/twinwall"));
    }
}
