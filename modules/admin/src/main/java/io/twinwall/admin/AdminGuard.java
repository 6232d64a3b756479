/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.admin;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import java.util.regex.Pattern;

/** Who may ask on a listener: judged by the head of a request, before its body is read. On the admin thread. */
interface AdminGuard {
    /** The answer to whoever may not ask; null when he may. */
    AdminResponse refusal(HttpRequest head);

    /** Metrics and health: whoever reaches the port. */
    AdminGuard ANYBODY = head -> null;

    /**
     * The local socket, whose file mode is the lock. A forwarded socket ({@code ssh -L}) is within reach of every page in
     * its user's browser, which must neither act by it nor, under a name that its owner points here, read by it: no page
     * of ours sends anything, so what a page sends is refused, and so is a name with dots, which only a name server knows.
     */
    AdminGuard LOCAL = head -> {
        AdminResponse foreign = ofAnotherSite(head);
        if (foreign != null) {
            return foreign;
        }
        if (!head.method().equals(HttpMethod.GET) && head.headers().contains(HttpHeaderNames.ORIGIN)) {
            return AdminResponse.problem(403, "no page may ask for that");
        }
        String host = head.headers().get(HttpHeaderNames.HOST, "");
        return Host.PUBLIC.matcher(host).matches()
                ? AdminResponse.problem(421, "served under localhost or an address only, not under " + host)
                : null;
    };

    /**
     * The answer to what a page of another site has its browser send, which would bring its user's password along; null for
     * everything else, a link that is followed from there included.
     */
    static AdminResponse ofAnotherSite(HttpRequest head) {
        boolean another = head.headers().contains("Sec-Fetch-Site", "cross-site", true)
                && !head.headers().contains("Sec-Fetch-Mode", "navigate", true);
        return another ? AdminResponse.problem(403, "no page of another site may ask for that") : null;
    }

    /** What a header {@code Host} may name. */
    final class Host {
        /** A name with a dot in it that is no address: the last label of one begins with a letter. */
        private static final Pattern PUBLIC = Pattern.compile("(?i)[^\\[].*\\.[a-z][^.]*\\.?(:[0-9]*)?");

        private Host() {}
    }
}
