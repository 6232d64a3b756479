/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.netlink;

/**
 * What the kernel said to a transaction or a question: {@code errno} 0 for done, else the first refusal, with the change
 * it refused in words and the kernel's own text (often empty).
 */
public record NftResult(int errno, String operation, String extAck) {
    private static final NftResult DONE = new NftResult(0, "", "");

    public static NftResult done() {
        return DONE;
    }

    public boolean ok() {
        return errno == 0;
    }
}
