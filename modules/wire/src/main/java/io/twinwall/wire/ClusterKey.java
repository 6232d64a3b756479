/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.wire;

import io.twinwall.base.BugError;
import io.twinwall.base.Check;
import io.twinwall.base.ExitCode;
import io.twinwall.base.Fatal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;

/**
 * The secret both nodes share: one key, or two while the key is being rolled. All other keys are derived from it
 * ({@link SessionKeys}, {@link #heartbeatKey}); it never travels and is never printed. Immutable.
 *
 * <p>The file holds one line for each key, {@code [id:]64 hex digits}; the id is 1 when left out. The first is used to
 * send, all are accepted. Rolling: add the new key as second line on both nodes, then make it the first on both, then
 * remove the old one on both.
 */
public final class ClusterKey {
    static final int KEY_BYTES = 32;
    private static final Set<PosixFilePermission> OWNER_ONLY =
            EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);

    private record Entry(int id, SecretKey secret) {
        @Override
        public String toString() {
            return "key " + id;
        }
    }

    private final List<Entry> entries;

    private ClusterKey(List<Entry> entries) {
        this.entries = entries;
    }

    /** A single key of 32 bytes. */
    public static ClusterKey of(int keyId, byte[] key32) {
        Check.inRange(keyId, 1, 255, "keyId");
        Check.that(key32.length == KEY_BYTES, "key bytes", key32.length);
        return new ClusterKey(List.of(new Entry(keyId, new SecretKeySpec(key32, "Generic"))));
    }

    /**
     * Reads the key file.
     *
     * @throws Fatal with the remedy when it is missing, readable to others, or not a key
     */
    public static ClusterKey read(Path file) {
        try {
            Set<PosixFilePermission> mode = Files.getPosixFilePermissions(file);
            if (!OWNER_ONLY.containsAll(mode)) {
                throw new Fatal(
                        ExitCode.NO_PERMISSION,
                        "the cluster key " + file + " is open to others than its owner; chmod 600 " + file);
            }
            return parse(file, Files.readAllLines(file));
        } catch (NoSuchFileException e) {
            throw new Fatal(
                    ExitCode.CONFIG,
                    "no cluster key " + file + "; make one on one node and copy it to the other: "
                            + "(umask 077; openssl rand -hex 32 > " + file + ")",
                    e);
        } catch (IOException e) {
            throw new Fatal(
                    ExitCode.NO_PERMISSION,
                    "cannot read the cluster key " + file + " (" + e.getClass().getSimpleName()
                            + "); make it readable to the user of this program",
                    e);
        }
    }

    private static ClusterKey parse(Path file, List<String> lines) {
        List<Entry> entries = new ArrayList<>();
        for (String raw : lines) {
            String line = raw.strip();
            if (!line.isEmpty()) {
                Entry entry = parseLine(line);
                if (entry == null || entries.stream().anyMatch(e -> e.id() == entry.id())) {
                    throw malformed(file);
                }
                entries.add(entry);
            }
        }
        if (entries.isEmpty() || entries.size() > 2) {
            throw malformed(file);
        }
        return new ClusterKey(List.copyOf(entries));
    }

    /** Null when malformed; the text of the line must not get into a message. */
    private static Entry parseLine(String line) {
        int colon = line.indexOf(':');
        String hex = line.substring(colon + 1);
        String id = colon < 0 ? "1" : line.substring(0, colon);
        if (!id.matches("[0-9]{1,3}") || !hex.matches("[0-9a-fA-F]{64}")) {
            return null;
        }
        int keyId = Integer.parseInt(id);
        if (keyId < 1 || keyId > 255) {
            return null;
        }
        return new Entry(keyId, new SecretKeySpec(HexFormat.of().parseHex(hex), "Generic"));
    }

    private static Fatal malformed(Path file) {
        return new Fatal(
                ExitCode.CONFIG,
                "the cluster key " + file + " is not one or two lines of [id:]64 hex digits with different ids 1..255; "
                        + "make one: (umask 077; openssl rand -hex 32 > " + file + ")");
    }

    /** The key to send under, 1..255. */
    public int sendKeyId() {
        return entries.getFirst().id();
    }

    public boolean accepts(int keyId) {
        return entries.stream().anyMatch(entry -> entry.id() == keyId);
    }

    /** Key of the heartbeats' HMAC; the same in both directions (a heartbeat names its sender). */
    SecretKey heartbeatKey(int clusterId, int keyId) {
        byte[] key =
                Hkdf.expand(secret(keyId), Hkdf.info("heartbeat").add(clusterId).add(keyId), KEY_BYTES);
        return new SecretKeySpec(key, "HmacSHA256");
    }

    /**
     * Seed of the flow tables' hash: the same on both nodes and in all sessions, so that bucket digests compare, and
     * secret, so that nobody can choose flows that collide. From the first key in the file.
     */
    public long tableHashSeed(int clusterId) {
        return Hkdf.toLong(Hkdf.expand(secret(sendKeyId()), Hkdf.info("table").add(clusterId), Long.BYTES));
    }

    SecretKey secret(int keyId) {
        for (Entry entry : entries) {
            if (entry.id() == keyId) {
                return entry.secret();
            }
        }
        throw new BugError("no key of id " + keyId);
    }

    @Override
    public String toString() {
        return "ClusterKey" + entries;
    }
}
