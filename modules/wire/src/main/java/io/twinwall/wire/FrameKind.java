/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.wire;

/** What a frame's payload is: the active's state, or the mirror's report on it. */
public enum FrameKind {
    STATE(1),
    REPORT(2);

    private final int code;

    FrameKind(int code) {
        this.code = code;
    }

    /** The number on the wire. */
    public int code() {
        return code;
    }
}
