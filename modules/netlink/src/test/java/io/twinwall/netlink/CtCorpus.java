/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.netlink;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;

/**
 * Messages recorded from a Linux 6.18 kernel that held the entries of {@link CtSpecs}, with accounting and timestamps on:
 * a dump of all, the events of their creation, of one update, of their end. One message a line, in hexadecimal.
 */
final class CtCorpus {
    private CtCorpus() {}

    static List<byte[]> messages() {
        try (InputStream in = CtCorpus.class.getResourceAsStream("/ct-messages.hex")) {
            return new String(in.readAllBytes(), StandardCharsets.US_ASCII)
                    .lines()
                    .map(HexFormat.of()::parseHex)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
