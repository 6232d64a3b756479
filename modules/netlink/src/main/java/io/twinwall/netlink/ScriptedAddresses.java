/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.netlink;

import static io.twinwall.netlink.RtConst.*;

import io.twinwall.linux.Errno;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;

/** The addresses of {@link ScriptedKernel}. Every interface index exists; lifetimes stand still. */
final class ScriptedAddresses {
    private final List<RtAddress> addresses = new ArrayList<>();
    private final ScriptedKernel kernel;
    private final UnsafeBuffer scratch = new UnsafeBuffer(new byte[1024]);
    private final NlWriter writer = new NlWriter().wrap(scratch, 0, scratch.capacity());

    ScriptedAddresses(ScriptedKernel kernel) {
        this.kernel = kernel;
    }

    List<RtAddress> all() {
        return List.copyOf(addresses);
    }

    int perform(NlReader request, int portId) {
        return switch (request.type()) {
            case RTM_NEWADDR -> add(request, portId);
            case RTM_DELADDR -> delete(request, portId);
            case RTM_GETADDR -> dump(request, portId);
            default -> Errno.EOPNOTSUPP;
        };
    }

    private int add(NlReader request, int portId) {
        RtAddress address = RtAddresses.parse(request);
        if (address == null) {
            return Errno.EINVAL;
        }
        boolean present = addresses.stream().anyMatch(address::sameKey);
        if (present && (request.flags() & NlConst.NLM_F_REPLACE) == 0) {
            return Errno.EEXIST;
        }
        addresses.removeIf(address::sameKey);
        addresses.add(address);
        event(RTM_NEWADDR, address, portId);
        return 0;
    }

    private int delete(NlReader request, int portId) {
        RtAddress address = RtAddresses.parse(request);
        if (address == null) {
            return Errno.EINVAL;
        }
        if (!addresses.removeIf(address::sameKey)) {
            return Errno.EADDRNOTAVAIL;
        }
        event(RTM_DELADDR, address, portId);
        return 0;
    }

    private int dump(NlReader request, int portId) {
        for (RtAddress address : addresses) {
            RtAddresses.write(writer.reset().begin(RTM_NEWADDR, NlConst.NLM_F_MULTI, request.seq()), address, true);
            writer.end();
            kernel.unicast(portId, writer);
        }
        kernel.done(request, portId);
        return 0;
    }

    private void event(int type, RtAddress address, int portId) {
        RtAddresses.write(writer.reset().begin(type, 0, 0), address, true);
        writer.end();
        int group = address.address().getAddress().length == 4 ? RTNLGRP_IPV4_IFADDR : RTNLGRP_IPV6_IFADDR;
        kernel.multicast(NlConst.NETLINK_ROUTE, group, portId, writer);
    }
}
