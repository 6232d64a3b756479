/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.protocol;

import java.util.List;

/**
 * The outcome of one step.
 *
 * @param effects to be carried out in this order
 * @param wakeAtNs when the next {@link RoleEvent.Tick} is due at the latest, unless another step says otherwise
 */
public record Step(RoleState state, List<RoleEffect> effects, long wakeAtNs) {}
