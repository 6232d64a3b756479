/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.rig;

import io.twinwall.linux.NetNs;
import io.twinwall.linux.Sysctl;

/** How many entries a namespace's connection tracking holds, by the kernel's own counter. */
final class KernelCount {
    private static final String COUNT = "net/netfilter/nf_conntrack_count";

    private KernelCount() {}

    static long of(String namespace) {
        try {
            return NetNs.call(namespace, () -> Sysctl.readNumber(COUNT));
        } catch (Exception e) {
            throw new IllegalStateException("nf_conntrack_count of " + namespace, e);
        }
    }
}
