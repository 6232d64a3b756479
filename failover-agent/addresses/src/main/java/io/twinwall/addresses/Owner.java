/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.addresses;

/**
 * The marks on what Twinwall puts into the kernel, so that it knows its own again after a crash: {@code IFA_PROTO} of
 * addresses, {@code rtm_protocol} of routes, {@code FRA_PROTOCOL} of rules. Numbers that neither iproute2 nor FRR (which
 * takes 186 to 199, IS-IS being 187), BIRD or keepalived use.
 */
public final class Owner {
    /** Routes and rules that follow the role. */
    public static final int ROUTES = 217;

    /** Virtual addresses, and the routes to their subnets. */
    public static final int VIPS = 218;

    private Owner() {}
}
