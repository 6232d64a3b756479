/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.alerts;

/** A command of the operator's, told by its environment. */
final class ScriptTransport implements Transport {
    private final AlertSpec.Script spec;
    private final ScriptRun.Maker maker;
    private volatile ScriptRun run;

    ScriptTransport(AlertSpec.Script spec, ScriptRun.Maker maker) {
        this.spec = spec;
        this.maker = maker;
    }

    @Override
    public Outcome deliver(Message message, long limitNs) {
        ScriptRun own = maker.of(spec.command(), AlertText.environment(message));
        run = own;
        try {
            return own.run(limitNs);
        } finally {
            run = null;
        }
    }

    @Override
    public void abort() {
        ScriptRun now = run;
        if (now != null) {
            now.kill();
        }
    }
}
