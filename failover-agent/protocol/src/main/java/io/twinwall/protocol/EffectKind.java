/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.protocol;

/** Effects that carry a token and are answered by {@link RoleEvent.EffectDone}. */
public enum EffectKind {
    PERSIST_TERM,
    PERSIST_MAINTENANCE,
    BEFORE_HOOKS,
    DRAIN_INJECTOR,
    BECOME_SOURCE,
    OPEN_GATE,
    ADD_VIPS,
    REFRESH_VIPS,
    ANNOUNCE_VIPS,
    CORRECT_TIMEOUTS,
    REMOVE_VIPS,
    BECOME_MIRROR,
    SEND_BARRIER
}
