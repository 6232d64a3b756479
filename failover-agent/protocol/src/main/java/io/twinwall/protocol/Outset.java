/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.protocol;

/**
 * What this life of the node began with.
 *
 * @param forwarding the kernel's gate was open: an earlier life was active, and nobody has closed it since
 * @param linkNs when a path's carrier came after none had any, NEVER: did not
 * @param blind it is active, became so without having heard any peer, and has heard none but other actives since
 */
public record Outset(boolean forwarding, long linkNs, boolean blind) {
    static final Outset NONE = new Outset(false, Moments.NEVER, false);
}
