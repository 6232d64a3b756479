/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.nftbridge;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.twinwall.netlink.NftResult;
import io.twinwall.testkit.RequireRoot;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A test that begins with a lease installed, and closed, in a net of its own. */
@RequireRoot
abstract class InstalledLease {
    final LeaseNet net = new LeaseNet();
    Lease lease;
    private final long armedMs;

    InstalledLease(long armedMs) {
        this.armedMs = armedMs;
    }

    @BeforeEach
    void install() throws Exception {
        lease = net.lease(armedMs);
        assertEquals(NftResult.done(), lease.install());
    }

    @AfterEach
    void remove() {
        lease.close();
        net.close();
    }
}
