/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.sim;

/** Those who look for broken {@link Rule}s; they see the whole world, also what no node can. */
final class Checks {
    final GateChecks gates;
    final TermChecks terms;
    final TakeoverChecks takeovers;
    final FlowChecks flows;
    final QuietChecks quiet;
    final FenceChecks fences;
    final OrderChecks orders;

    Checks(World world) {
        gates = new GateChecks(world);
        terms = new TermChecks(world);
        flows = new FlowChecks(world);
        takeovers = new TakeoverChecks(world);
        quiet = new QuietChecks(world);
        fences = new FenceChecks(world);
        orders = new OrderChecks(world);
    }

    /** After every happening. */
    void look() {
        gates.look();
        quiet.look();
        fences.look();
        orders.look();
    }
}
