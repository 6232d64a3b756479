/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.protocol;

/** How good a node's copy of the flows is. The numbers are those of the wire. */
public enum Readiness {
    /** Nothing mirrored yet. */
    COLD,
    /** Catching up. */
    SYNCING,
    /** Equal by digest, and the lag below its bound. */
    READY
}
