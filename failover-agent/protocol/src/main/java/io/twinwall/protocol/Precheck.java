/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.protocol;

import java.util.List;

/**
 * What an operator should know before he asks for something. All are sentences.
 *
 * @param allowed it would be done without force
 * @param losses what would be lost or not be protected, also when it is allowed or forced
 * @param refusals why it would not be done without force; empty when it is allowed
 */
public record Precheck(boolean allowed, List<String> losses, List<String> refusals) {
    public Precheck {
        losses = List.copyOf(losses);
        refusals = List.copyOf(refusals);
    }
}
