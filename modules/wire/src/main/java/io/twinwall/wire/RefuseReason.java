/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.wire;

/** Why a frame or heartbeat was refused. Each has a counter of its own. */
public enum RefuseReason {
    TRUNCATED("shorter than its headers, or not as long as they say"),
    TOO_LONG("longer than any we send"),
    VERSION("of a layout or message we do not know"),
    KIND("of a kind we do not know"),
    CLUSTER("of another cluster"),
    NODE("from or for another node, or our own come back"),
    KEY_ID("under a key id we do not have"),
    SESSION("of another session: a peer that restarted, or a replay"),
    TERM_OLD("of an older term: from a node that was active"),
    REPLAY("not newer than what we have"),
    TAG("forged or damaged: the authentication tag is wrong"),
    VALUE("authentic, with a value we do not know");

    private final String meaning;

    RefuseReason(String meaning) {
        this.meaning = meaning;
    }

    /** Half a sentence for the counter's help and for the log. */
    public String meaning() {
        return meaning;
    }
}
