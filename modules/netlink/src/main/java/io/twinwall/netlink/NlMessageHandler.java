/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.netlink;

/** Takes the messages of a dump or an answer. */
@FunctionalInterface
public interface NlMessageHandler {
    /** The message that {@code message} stands at; valid only within this call. */
    void onMessage(NlReader message);
}
