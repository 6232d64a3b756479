/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.trackers;

import io.twinwall.linux.Const;
import io.twinwall.linux.Errno;

/** Connects to a port and closes again; a connection that is made is a success, whatever is served on it. */
final class TcpTracker extends ProbeTracker {
    private final String where;
    private final Connector connector;

    TcpTracker(TrackSpec.TcpPort spec, Connector connector, long nowNs) {
        super(spec, spec.timing(), nowNs);
        String host = spec.address().getHostAddress();
        this.where = (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + spec.port();
        this.connector = connector;
    }

    @Override
    void begin(long nowNs) {
        judge(connector.begin(), nowNs);
    }

    @Override
    void look(long nowNs) {
        judge(connector.outcome(), nowNs);
    }

    private void judge(int result, long nowNs) {
        if (result == Connector.PENDING) {
            return;
        }
        connector.close();
        finish(result == 0, where + (result == 0 ? " accepts" : ": " + Errno.text(result)), nowNs);
    }

    @Override
    String giveUp() {
        connector.close();
        return where + " does not accept within " + Timing.ms(timing().timeoutNs());
    }

    @Override
    int fd() {
        return trying() ? connector.fd() : NO_FD;
    }

    @Override
    int events() {
        return Const.POLLOUT;
    }

    @Override
    public void close() {
        connector.close();
    }
}
