/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.netlink;

/**
 * What the kernel answered to a request of the control plane.
 *
 * @param errno 0 when it was done, else the positive errno
 * @param text the kernel's own words on it ({@code NLMSGERR_ATTR_MSG}), or ""
 * @param attributeOffset offset within the request of the attribute at fault, or {@link NlError#NONE}
 */
public record NlResult(int errno, String text, int attributeOffset) {
    public static final NlResult DONE = new NlResult(0, "", NlError.NONE);

    public boolean ok() {
        return errno == 0;
    }
}
