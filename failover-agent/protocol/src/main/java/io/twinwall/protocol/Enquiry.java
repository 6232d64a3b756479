/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.protocol;

/**
 * Questions to the test addresses while nobody is heard.
 *
 * @param sentNs when they were last asked
 * @param begunNs when the newest try that was answered began
 * @param answeredNs when its answer came
 * @param news it came in the last step
 */
public record Enquiry(long sentNs, long begunNs, long answeredNs, boolean news) {
    static final Enquiry NONE = new Enquiry(Moments.NEVER, Moments.NEVER, Moments.NEVER, false);
}
