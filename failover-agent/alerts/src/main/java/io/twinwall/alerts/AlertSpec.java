/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.alerts;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A receiver of notices, checked.
 *
 * @param name unique
 * @param timeoutNs how long an attempt may take
 * @param retryNs how long a notice that could not be delivered is tried again
 */
public record AlertSpec(String name, AlertPolicy policy, Target target, long timeoutNs, long retryNs) {
    /** Where notices go. Secrets are in files, which are read with each attempt and never kept. */
    public sealed interface Target {
        Way way();

        /** For a person and for logs: without what may be secret. */
        String where();
    }

    /** The ways there are. */
    public enum Way {
        MAIL,
        WEBHOOK,
        SCRIPT
    }

    /** How mail is kept from being read on its way to the server. */
    public enum Security {
        /** TLS from the beginning. */
        TLS,
        /** TLS before anything that matters is said, or nothing is said. */
        STARTTLS,
        PLAIN
    }

    /**
     * By SMTP to a server that takes it from here.
     *
     * @param user empty: without a login
     * @param passwordFile there where {@code user} is
     * @param caFile certificates to trust in place of the host's
     */
    public record Mail(
            String server,
            int port,
            Security security,
            Optional<String> user,
            Optional<Path> passwordFile,
            Optional<Path> caFile,
            String from,
            List<String> to)
            implements Target {
        public Mail {
            to = List.copyOf(to);
        }

        @Override
        public Way way() {
            return Way.MAIL;
        }

        @Override
        public String where() {
            return server + ":" + port;
        }
    }

    /**
     * By HTTP POST.
     *
     * @param secretFile signs the body
     * @param caFile certificates to trust in place of the host's
     */
    public record Webhook(URI url, Optional<Path> secretFile, Optional<Path> caFile) implements Target {
        @Override
        public Way way() {
            return Way.WEBHOOK;
        }

        /** Many services put a secret into the path. */
        @Override
        public String where() {
            return url.getScheme() + "://" + url.getRawAuthority();
        }
    }

    /** By a command of the operator's: an argument vector, no shell. */
    public record Script(List<String> command) implements Target {
        public Script {
            command = List.copyOf(command);
        }

        @Override
        public Way way() {
            return Way.SCRIPT;
        }

        @Override
        public String where() {
            return command.getFirst();
        }
    }
}
