/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.trackers;

import io.twinwall.base.Fatal;
import io.twinwall.linux.Const;
import io.twinwall.netlink.RtLink;
import java.util.Locale;

/**
 * Asks a test address on its interface. The socket is bound to the interface and to the node's own address, so it is opened
 * again when one of them is not what it was. An interface without carrier is a failed try, without a question.
 */
final class AddressTracker extends ProbeTracker {
    private final TrackSpec.Address spec;
    private final LinkTable links;
    private final Opener opener;
    private Probe probe;
    private Object openedFor;
    private int sequence;

    /** Opens a probe for an interface. While {@code key} stays equal, one that was opened earlier still serves. */
    interface Opener {
        Object key(RtLink link);

        /** Throws Fatal when the kernel refuses. */
        Probe open(RtLink link);
    }

    AddressTracker(TrackSpec.Address spec, LinkTable links, Opener opener, long nowNs) {
        super(spec, spec.timing(), nowNs);
        this.spec = spec;
        this.links = links;
        this.opener = opener;
    }

    @Override
    void begin(long nowNs) {
        RtLink link = links.link(spec.interfaceName());
        String trouble = InterfaceTracker.trouble(spec.interfaceName(), link);
        if (trouble.isEmpty()) {
            trouble = ask(link);
        }
        if (!trouble.isEmpty()) {
            // The next try starts with a socket of its own: this one may be bound to what is gone.
            close();
            finish(false, trouble, nowNs);
        }
    }

    private String ask(RtLink link) {
        Object key = opener.key(link);
        if (probe == null || !key.equals(openedFor)) {
            close();
            try {
                probe = opener.open(link);
            } catch (Fatal e) {
                return e.getMessage();
            }
            openedFor = key;
        }
        return probe.ask(++sequence);
    }

    @Override
    void look(long nowNs) {
        if (probe.answered(sequence)) {
            finish(true, spec.address().getHostAddress() + " answers", nowNs);
        }
    }

    @Override
    String giveUp() {
        return spec.address().getHostAddress() + " does not answer "
                + spec.method().name().toLowerCase(Locale.ROOT) + " on " + spec.interfaceName() + " within "
                + Timing.ms(timing().timeoutNs());
    }

    @Override
    int fd() {
        // Between two tries nobody wants to be woken; what came meanwhile is read with the next.
        return trying() && probe != null ? probe.fd() : NO_FD;
    }

    @Override
    int events() {
        return Const.POLLIN;
    }

    @Override
    public void close() {
        if (probe != null) {
            probe.close();
            probe = null;
        }
    }
}
