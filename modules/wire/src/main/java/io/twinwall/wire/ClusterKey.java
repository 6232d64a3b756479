/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.wire;

import io.twinwall.base.BugError;
import io.twinwall.base.Check;
import io.twinwall.base.ExitCode;
import io.twinwall.base.Fatal;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;

/**
 * The secret both nodes share: one key, or two while the key is being rolled. All other keys are derived from it
 * ({@link SessionKeys}, {@link #heartbeatKey}); it never travels and is never printed. Immutable.
 *
 * <p>The file holds one line for each key, {@code [id:]64 hex digits}; the id is 1 when left out. The first is used to
 * send, all are accepted. Of two, the newer is the one whose id follows on the other's, in a ring of 255. A line {@code
 * table:16 hex digits} keeps {@link #tableHashSeed} through rotations. {@link KeyRoll} tells how a rotation goes.
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

    private static final String TABLE = "table:";

    /** Ids that are drawn run from 1 to this and begin again. */
    private static final int IDS = 254;

    private final List<Entry> entries;
    private final OptionalLong tableSeed;

    private ClusterKey(List<Entry> entries, OptionalLong tableSeed) {
        this.entries = entries;
        this.tableSeed = tableSeed;
    }

    /** A single key of 32 bytes. */
    public static ClusterKey of(int keyId, byte[] key32) {
        Check.inRange(keyId, 1, 255, "keyId");
        Check.that(key32.length == KEY_BYTES, "key bytes", key32.length);
        return new ClusterKey(List.of(entry(keyId, key32)), OptionalLong.empty());
    }

    private static Entry entry(int keyId, byte[] key32) {
        return new Entry(keyId, new SecretKeySpec(key32, "Generic"));
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
        OptionalLong seed = OptionalLong.empty();
        for (String raw : lines) {
            String line = raw.strip();
            if (line.matches(TABLE + "[0-9a-f]{16}") && seed.isEmpty()) {
                seed = OptionalLong.of(HexFormat.fromHexDigitsToLong(line.substring(TABLE.length())));
            } else if (!line.isEmpty()) {
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
        return new ClusterKey(List.copyOf(entries), seed);
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
        return entry(keyId, HexFormat.of().parseHex(hex));
    }

    private static Fatal malformed(Path file) {
        return new Fatal(
                ExitCode.CONFIG,
                "the cluster key " + file
                        + " is not one or two lines of [id:]64 hex digits with different ids 1..255 (and table:16 hex digits); "
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
     * secret, so that nobody can choose flows that collide. A table cannot change it while it lives, so it is made of the
     * oldest key and then stays, in the file, whatever keys come after.
     */
    public long tableHashSeed(int clusterId) {
        return tableSeed.orElseGet(() ->
                Hkdf.toLong(Hkdf.expand(secret(olderKeyId()), Hkdf.info("table").add(clusterId), Long.BYTES)));
    }

    /** True while there are two keys. */
    public boolean rolling() {
        return entries.size() == 2;
    }

    /** Of two keys the newer, of one that. */
    public int newestKeyId() {
        int last = entries.getLast().id();
        return isNewer(last, sendKeyId()) ? last : sendKeyId();
    }

    /** Of two keys the older, of one that. */
    public int olderKeyId() {
        return sendKeyId() == newestKeyId() ? entries.getLast().id() : sendKeyId();
    }

    /** Tells two keys of one id apart, and nothing of the key. */
    public int tag(int keyId) {
        return (int)
                (Hkdf.toLong(Hkdf.expand(secret(keyId), Hkdf.info("key tag").add(keyId), Long.BYTES)) >>> 32);
    }

    /** Whether {@code id} was drawn after {@code than}. */
    static boolean isNewer(int id, int than) {
        return Math.floorMod(id - than - 1, 255) < 127;
    }

    /** The same, and a new key, accepted and not used yet. For a key that is not being rolled. */
    public ClusterKey withDrawnKey(int clusterId) {
        byte[] secret = new byte[KEY_BYTES];
        new SecureRandom().nextBytes(secret);
        return withNextKey(clusterId, nextKeyId(), secret);
    }

    /** The id that follows on the one used to send. */
    public int nextKeyId() {
        return sendKeyId() % IDS + 1;
    }

    /** The key used now, and the peer's next one instead of a next one of ours. */
    ClusterKey withNextKey(int clusterId, int keyId, byte[] secret) {
        Check.that(isNewer(keyId, sendKeyId()), "not newer", keyId);
        return new ClusterKey(
                List.of(entries.getFirst(), entry(keyId, secret)), OptionalLong.of(tableHashSeed(clusterId)));
    }

    /** Sends under {@code keyId}, one of its own, and accepts what it did. */
    ClusterKey sendUnder(int keyId) {
        Check.that(accepts(keyId), "no key of id", keyId);
        return keyId == sendKeyId() ? this : new ClusterKey(List.copyOf(entries.reversed()), tableSeed);
    }

    /** Only the key it sends under. */
    ClusterKey withoutOther(int clusterId) {
        return new ClusterKey(List.of(entries.getFirst()), OptionalLong.of(tableHashSeed(clusterId)));
    }

    /** With that seed of the tables, which are alive. */
    public ClusterKey keepingTable(long seed) {
        return new ClusterKey(entries, OptionalLong.of(seed));
    }

    /** The ids, that of the key used to send first. */
    public List<Integer> ids() {
        return entries.stream().map(Entry::id).toList();
    }

    /** Whether this very key is in it, not only one of its id. */
    public boolean holds(int keyId, int tag) {
        return accepts(keyId) && tag(keyId) == tag;
    }

    /**
     * Writes the file anew. When this returns, the new content has outlived a power cut; when one comes before, the old
     * one does.
     */
    public void write(Path file) throws IOException {
        StringBuilder text = new StringBuilder();
        for (Entry entry : entries) {
            String hex = HexFormat.of().formatHex(entry.secret().getEncoded());
            text.append(entry.id()).append(':').append(hex).append('\n');
        }
        tableSeed.ifPresent(seed ->
                text.append(TABLE).append(HexFormat.of().toHexDigits(seed)).append('\n'));
        Path real = file.toRealPath();
        Path next = real.resolveSibling(real.getFileName() + ".new");
        Files.deleteIfExists(next);
        Files.createFile(next, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
        keepOwner(real, next);
        try (FileChannel channel = FileChannel.open(next, StandardOpenOption.WRITE)) {
            ByteBuffer bytes = StandardCharsets.US_ASCII.encode(text.toString());
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
        Files.move(next, real, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        try (FileChannel directory = FileChannel.open(real.getParent(), StandardOpenOption.READ)) {
            directory.force(true);
        }
    }

    /** A service user may own it. */
    private static void keepOwner(Path from, Path to) throws IOException {
        UserPrincipal owner = Files.getOwner(from);
        if (!owner.equals(Files.getOwner(to))) {
            Files.setOwner(to, owner);
        }
    }

    /** Whether it holds the same keys in the same order. */
    public boolean equalsKeys(ClusterKey other) {
        return ids().equals(other.ids())
                && entries.stream()
                        .allMatch(entry -> Arrays.equals(
                                entry.secret().getEncoded(),
                                other.secret(entry.id()).getEncoded()));
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
