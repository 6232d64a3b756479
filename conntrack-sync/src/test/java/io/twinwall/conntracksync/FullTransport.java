/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import io.twinwall.linux.Errno;
import io.twinwall.netlink.DelegatingTransport;
import io.twinwall.netlink.NlTransport;
import java.util.function.BooleanSupplier;
import org.agrona.DirectBuffer;

/** A socket whose kernel has no memory for requests while {@code full} says so. */
final class FullTransport extends DelegatingTransport {
    private final BooleanSupplier full;

    FullTransport(NlTransport transport, BooleanSupplier full) {
        super(transport);
        this.full = full;
    }

    @Override
    public int send(DirectBuffer buffer, int offset, int length) {
        return full.getAsBoolean() ? -Errno.ENOBUFS : super.send(buffer, offset, length);
    }
}
