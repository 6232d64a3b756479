/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.linux;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.base.BugError;
import io.twinwall.base.ExitCode;
import io.twinwall.base.Fatal;
import io.twinwall.base.SeededRandom;
import java.nio.ByteBuffer;
import java.util.List;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** libcrypto against the JDK's AES/GCM/NoPadding, both ways. */
class AesGcmTest {
    private static final int TEXT_BYTES_MAX = 2000;
    private static final int AAD = 16;
    private static final int TEXT = 256;
    private static final int FRAME_BYTES = 1376;

    private final UnsafeBuffer buffer = new UnsafeBuffer(ByteBuffer.allocateDirect(4096));
    private final SeededRandom random =
            new SeededRandom(Long.getLong("twinwall.seed", SeededRandom.mix(System.nanoTime())));
    private final byte[] key = bytes(AesGcm.KEY_BYTES);

    private byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    private String seed(int i) {
        return "-Dtwinwall.seed=" + random.seed() + " case " + i;
    }

    private byte[] jdk(int mode, byte[] nonce, byte[] aad, byte[] input) throws Exception {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, new SecretKeySpec(key, "AES"), new GCMParameterSpec(8 * AesGcm.TAG_BYTES, nonce));
        cipher.updateAAD(aad);
        return cipher.doFinal(input);
    }

    private byte[] read(int offset, int length) {
        byte[] bytes = new byte[length];
        buffer.getBytes(offset, bytes);
        return bytes;
    }

    @Test
    void shouldAgreeWithTheJdkBothWays() throws Exception {
        try (AesGcm sealer = new AesGcm(key, true);
                AesGcm opener = new AesGcm(key, false)) {
            for (int i = 0; i < 500; i++) {
                byte[] nonce = bytes(AesGcm.NONCE_BYTES);
                byte[] aad = bytes(random.nextInt(100));
                byte[] text = bytes(i == 0 ? 0 : random.nextInt(TEXT_BYTES_MAX + 1));
                buffer.putBytes(0, nonce);
                buffer.putBytes(AAD, aad);
                buffer.putBytes(TEXT, text);
                int sealed = sealer.seal(buffer, 0, buffer, AAD, aad.length, buffer, TEXT, text.length);
                assertEquals(text.length + AesGcm.TAG_BYTES, sealed, seed(i));
                byte[] frame = read(TEXT, sealed);
                assertArrayEquals(jdk(Cipher.ENCRYPT_MODE, nonce, aad, text), frame, seed(i));
                assertArrayEquals(text, jdk(Cipher.DECRYPT_MODE, nonce, aad, frame), seed(i));
                assertEquals(
                        text.length, opener.open(buffer, 0, buffer, AAD, aad.length, buffer, TEXT, sealed), seed(i));
                assertArrayEquals(text, read(TEXT, text.length), seed(i));
            }
        }
    }

    @Test
    void shouldRefuseEveryTamperedBitAndOpenTheNextFrame() {
        try (AesGcm sealer = new AesGcm(key, true);
                AesGcm opener = new AesGcm(key, false)) {
            for (int i = 0; i < 2_000; i++) {
                int aadLength = 1 + random.nextInt(100);
                byte[] original = bytes(TEXT + random.nextInt(300));
                int length = original.length - TEXT;
                buffer.putBytes(0, original);
                int sealed = sealer.seal(buffer, 0, buffer, AAD, aadLength, buffer, TEXT, length);
                byte[] good = read(0, TEXT + sealed);
                int at = tamperedByte(aadLength, sealed);
                buffer.putByte(at, (byte) (buffer.getByte(at) ^ (1 << random.nextInt(8))));
                assertEquals(
                        AesGcm.BAD_TAG, opener.open(buffer, 0, buffer, AAD, aadLength, buffer, TEXT, sealed), seed(i));
                assertArrayEquals(new byte[length], read(TEXT, length), seed(i));
                buffer.putBytes(0, good);
                assertEquals(length, opener.open(buffer, 0, buffer, AAD, aadLength, buffer, TEXT, sealed), seed(i));
            }
        }
    }

    private int tamperedByte(int aadLength, int sealed) {
        return switch (random.nextInt(3)) {
            case 0 -> random.nextInt(AesGcm.NONCE_BYTES);
            case 1 -> AAD + random.nextInt(aadLength);
            default -> TEXT + random.nextInt(sealed);
        };
    }

    @Test
    void shouldRefuseFramesTooShortForATagAndWrongKeys() {
        try (AesGcm sealer = new AesGcm(key, true);
                AesGcm opener = new AesGcm(bytes(AesGcm.KEY_BYTES), false)) {
            assertEquals(AesGcm.BAD_TAG, opener.open(buffer, 0, buffer, AAD, 8, buffer, TEXT, 15));
            int sealed = sealer.seal(buffer, 0, buffer, AAD, 8, buffer, TEXT, 64);
            assertEquals(AesGcm.BAD_TAG, opener.open(buffer, 0, buffer, AAD, 8, buffer, TEXT, sealed));
            assertThrows(BugError.class, () -> opener.seal(buffer, 0, buffer, AAD, 8, buffer, TEXT, 64));
            assertThrows(
                    IndexOutOfBoundsException.class, () -> sealer.seal(buffer, 0, buffer, AAD, 8, buffer, 4096, 0));
        }
        assertThrows(BugError.class, () -> new AesGcm(new byte[16], true));
        AesGcm closed = new AesGcm(key, true);
        closed.close();
        closed.close();
        assertThrows(BugError.class, () -> closed.seal(buffer, 0, buffer, AAD, 8, buffer, TEXT, 64));
    }

    @Test
    void shouldNameThePackageWhenTheLibraryIsAbsent() {
        Fatal fatal = assertThrows(Fatal.class, () -> LibCrypto.load(List.of("libcrypto.so.tw")));
        assertEquals(ExitCode.ENVIRONMENT, fatal.exitCode());
        assertTrue(fatal.getMessage().contains("libssl3"), fatal.getMessage());
    }

    @Test
    void shouldAllocateNothingPerFrame() {
        int frames = 100_000;
        try (AesGcm sealer = new AesGcm(key, true);
                AesGcm opener = new AesGcm(key, false)) {
            long[] opened = new long[1];
            Runnable work = () -> {
                for (int i = 0; i < frames; i++) {
                    buffer.putLong(0, opened[0]);
                    int sealed = sealer.seal(buffer, 0, buffer, AAD, 32, buffer, TEXT, FRAME_BYTES);
                    opened[0] += opener.open(buffer, 0, buffer, AAD, 32, buffer, TEXT, sealed);
                }
            };
            Allocation.assertNone("seal, open", work);
            opened[0] = 0;
            long startNs = Allocation.cpuNs();
            work.run();
            long cpuNs = Allocation.cpuNs() - startNs;
            assertEquals((long) frames * FRAME_BYTES, opened[0]);
            System.out.println(
                    "AES-256-GCM: " + cpuNs / (2L * frames) + " ns of CPU to seal or open " + FRAME_BYTES + " bytes");
        }
    }
}
