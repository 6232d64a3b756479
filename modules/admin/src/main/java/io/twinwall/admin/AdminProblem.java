/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.admin;

/** A request that cannot be served, with the HTTP status and the reason its sender is told. */
public final class AdminProblem extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int status;

    public AdminProblem(int status, String reason) {
        super(reason, null, false, false);
        this.status = status;
    }

    public int status() {
        return status;
    }
}
