/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

/** One of the two ends of all traffic: the client's namespace in the LAN, or the server's in the WAN. */
enum Side {
    CLIENT,
    SERVER;

    Side other() {
        return this == CLIENT ? SERVER : CLIENT;
    }
}
