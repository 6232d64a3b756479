/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

/** One TCP connection through the firewall, with the kernel's own socket at both ends. Shared by the two loops. */
final class TcpFlow implements SocketFlows.Flow {
    /** What the flow does while it waits for the failure. */
    enum Mode {
        /** Nothing after its opening. */
        IDLE,
        /** Both ends send a little, all the time. */
        BUSY,
        /** Its opener has said all (FIN); only the responder may still send. */
        HALF_CLOSED,
        /** Idle, and opened while the failure was already near. */
        YOUNG
    }

    private final int id;
    private final Path path;
    private final Mode mode;

    volatile TcpEnd opener;
    volatile TcpEnd responder;
    /** When opening was complete at the opener: handshake done and bytes seen both ways; 0 until then. */
    volatile long openedNs;

    TcpFlow(int id, Path path, Mode mode) {
        this.id = id;
        this.path = path;
        this.mode = mode;
    }

    int id() {
        return id;
    }

    Path path() {
        return path;
    }

    Mode mode() {
        return mode;
    }

    @Override
    public String kind() {
        return "tcp." + path.label() + "."
                + mode.name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
    }

    boolean open() {
        return openedNs != 0 && (mode != Mode.HALF_CLOSED || responder.ended());
    }

    @Override
    public boolean openAt(long beforeNs) {
        return open() && openedNs - beforeNs <= 0;
    }

    /** True when fresh bytes of the check {@code epoch} arrived in each direction the flow still has. */
    @Override
    public boolean survived(int epoch) {
        TcpEnd here = opener;
        TcpEnd there = responder;
        return here != null
                && there != null
                && here.broken() == null
                && there.broken() == null
                && here.freshEpoch() >= epoch
                && (mode == Mode.HALF_CLOSED || there.freshEpoch() >= epoch);
    }
}
