/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.trackers;

import io.twinwall.base.Fatal;
import io.twinwall.linux.Const;
import io.twinwall.netlink.RtLink;
import java.util.Locale;

/**
 * Asks a test address on its interface. The socket is bound to the interface and to the node's own address, so it is opened
 * again when one of them is not what it was. An interface without carrier is a failed try, without a question.
 *
 * <p>Asked out of turn it sends another question, which judges nothing: whoever is asked more often must not be down sooner. The
 * questions that wait for an answer are one as far as the answer goes, as old as the first of them, so that an answer which takes
 * longer than the next question is one all the same.
 */
final class AddressTracker extends ProbeTracker {
    private final TrackSpec.Address spec;
    private final LinkTable links;
    private final Opener opener;
    private Probe probe;
    private Object openedFor;
    private int sequence;
    /** Questions wait for an answer: the first of them, and when it was asked. */
    private boolean waiting;

    private int first;
    private long begunNs;
    /** Somebody asked out of turn, and has not been told since. */
    private boolean wanted;

    private Answer answer;

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
            trouble = question(link, nowNs);
        }
        if (!trouble.isEmpty()) {
            // The next try starts with a socket of its own: this one may be bound to what is gone.
            close();
            finish(false, trouble, nowNs);
        }
    }

    @Override
    void ask(long nowNs) {
        // An answer that is there already would be thrown away with the next question.
        look(nowNs);
        wanted = true;
        RtLink link = links.link(spec.interfaceName());
        if (InterfaceTracker.trouble(spec.interfaceName(), link).isEmpty()
                && !question(link, nowNs).isEmpty()) {
            close();
        }
    }

    @Override
    Answer takeAnswer() {
        Answer taken = answer;
        answer = null;
        return taken;
    }

    private String question(RtLink link, long nowNs) {
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
        sequence++;
        if (!waiting || nowNs - begunNs >= timing().timeoutNs()) {
            waiting = true;
            first = sequence;
            begunNs = nowNs;
        }
        return probe.ask(sequence);
    }

    @Override
    void look(long nowNs) {
        if (!waiting || !probe.answered(first)) {
            return;
        }
        waiting = false;
        // One that this thread was too late to read says nothing of now.
        if (wanted && nowNs - begunNs <= timing().timeoutNs()) {
            wanted = false;
            answer = new Answer(begunNs, nowNs);
        }
        if (trying()) {
            finish(true, spec.address().getHostAddress() + " answers", nowNs);
        }
    }

    @Override
    String giveUp() {
        waiting = false;
        return spec.address().getHostAddress() + " does not answer "
                + spec.method().name().toLowerCase(Locale.ROOT) + " on " + spec.interfaceName() + " within "
                + Timing.ms(timing().timeoutNs());
    }

    @Override
    boolean listening() {
        return waiting;
    }

    @Override
    int fd() {
        // Between two tries nobody wants to be woken; what came meanwhile is read with the next.
        return (trying() || waiting) && probe != null ? probe.fd() : NO_FD;
    }

    @Override
    int events() {
        return Const.POLLIN;
    }

    @Override
    public void close() {
        waiting = false;
        if (probe != null) {
            probe.close();
            probe = null;
        }
    }
}
