/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.nftbridge;

/** Something to be done to a set, at the peer or in this kernel. */
record SetChange(Kind kind, SetEntry entry) {
    enum Kind {
        PUT(0),
        REMOVE(1),
        /** Put, where something of the same key but another meaning is. */
        REPLACE(2);

        /** As {@code op} of the wire. */
        final int number;

        Kind(int number) {
            this.number = number;
        }

        static Kind of(int number) {
            return number == REMOVE.number ? REMOVE : number == REPLACE.number ? REPLACE : PUT;
        }
    }
}
