/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.nftbridge;

import java.util.List;

/** Which sets are mirrored, and how often this kernel is looked at, at the most. */
public record SetConfig(List<SetName> sets, int intervalMs) {}
