/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.protocol;

/** What a node does. The numbers are those of the wire and of the exported gauge. */
public enum Role {
    /** Starting, or stopped: claims nothing. */
    INIT,
    /** Holds the flows and listens; takes over when there is no master. */
    BACKUP,
    /** Owns the virtual addresses and forwards. */
    MASTER,
    /** A tracked need is broken. */
    FAULT,
    /** Told to stay out. */
    MAINTENANCE;

    /** Whether a node in this role may become master without being told to. */
    boolean eligible() {
        return this == INIT || this == BACKUP;
    }

    /** Whether the change to {@code next} is one the protocol makes. */
    boolean mayBecome(Role next) {
        return switch (this) {
            case INIT -> next == BACKUP || next == MAINTENANCE;
            case BACKUP -> next == MASTER || next == INIT || next == FAULT || next == MAINTENANCE;
            case MASTER -> next == BACKUP || next == INIT || next == FAULT || next == MAINTENANCE;
            case FAULT -> next != FAULT;
            case MAINTENANCE -> next == BACKUP || next == INIT;
        };
    }
}
