/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.linux;

import static java.lang.ref.Reference.reachabilityFence;

import io.twinwall.base.Check;
import io.twinwall.base.ExitCode;
import io.twinwall.base.Fatal;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * AES-256-GCM (NIST SP 800-38D) in place on off-heap buffers, through libcrypto: the JDK's own cipher allocates with
 * every frame. One object has one key and one direction, and keeps the expanded key in one EVP_CIPHER_CTX; a call sets
 * the nonce only. Two parties that talk both ways need two keys, so two objects on each side.
 *
 * <pre>
 *   offset                        offset + length          + 16
 *   | text, encrypted in place    | tag                    |
 * </pre>
 *
 * <p>One thread at a time; nothing is allocated after construction. A nonce used twice with one key gives the key away:
 * the caller guarantees that none is.
 */
public final class AesGcm implements AutoCloseable {
    public static final int KEY_BYTES = 32;
    public static final int NONCE_BYTES = 12;
    public static final int TAG_BYTES = 16;
    /** What {@link #open} returns for a frame that was not sealed with this key, nonce and associated data. */
    public static final int BAD_TAG = -1;

    // <openssl/evp.h>
    private static final int EVP_CTRL_AEAD_GET_TAG = 0x10;
    private static final int EVP_CTRL_AEAD_SET_TAG = 0x11;
    private static final int KEEP_DIRECTION = -1;
    private static final int OK = 1;

    private final AnonymousMapping mapping = new AnonymousMapping();
    private final boolean seal;
    /** Address of the int that EVP writes lengths to; GCM's are always those of the input. */
    private final long outLength;

    private long context;

    /** {@code key32} is copied and may be wiped afterwards; {@code seal} chooses between sealing and opening. */
    public AesGcm(byte[] key32, boolean seal) {
        Check.that(key32.length == KEY_BYTES, "key bytes", key32.length);
        this.seal = seal;
        UnsafeBuffer scratch = mapping.map(64);
        this.outLength = scratch.addressOffset() + KEY_BYTES;
        scratch.putBytes(0, key32);
        try {
            context = (long) LibCrypto.EVP_CIPHER_CTX_NEW.invokeExact();
            check(context != 0 ? OK : 0, "EVP_CIPHER_CTX_new");
            long cipher = (long) LibCrypto.EVP_AES_256_GCM.invokeExact();
            check(
                    (int) LibCrypto.EVP_CIPHER_INIT.invokeExact(
                            context, cipher, 0L, scratch.addressOffset(), 0L, seal ? 1 : 0),
                    "EVP_CipherInit_ex");
        } catch (Throwable t) {
            throw failed(t);
        } finally {
            scratch.setMemory(0, KEY_BYTES, (byte) 0);
        }
    }

    /**
     * Encrypts {@code length} bytes (0 or more) in place and writes the tag behind them; returns {@code length + 16}.
     * The nonce is 12 bytes; the associated data is authenticated, not encrypted.
     */
    public int seal(
            DirectBuffer nonce,
            int nonceOffset,
            DirectBuffer aad,
            int aadOffset,
            int aadLength,
            MutableDirectBuffer text,
            int offset,
            int length) {
        Check.that(seal && context != 0, "made to open, or closed");
        Check.that(length >= 0, "text bytes", length);
        long at = Native.address(text, offset, length + TAG_BYTES);
        try {
            begin(
                    Native.address(nonce, nonceOffset, NONCE_BYTES),
                    Native.address(aad, aadOffset, aadLength),
                    aadLength);
            transform(at, length);
            check((int) LibCrypto.EVP_CIPHER_FINAL.invokeExact(context, at + length, outLength), "EVP_CipherFinal_ex");
            control(EVP_CTRL_AEAD_GET_TAG, at + length);
            return length + TAG_BYTES;
        } catch (Throwable t) {
            throw failed(t);
        } finally {
            reachabilityFence(nonce);
            reachabilityFence(aad);
            reachabilityFence(text);
        }
    }

    /**
     * Decrypts {@code sealedLength} bytes, of which the last 16 are the tag, in place; returns the length of the text, or
     * {@link #BAD_TAG}, also for fewer than 16 bytes. After a bad tag the text is zeroed: nobody may read what nobody
     * vouches for.
     */
    public int open(
            DirectBuffer nonce,
            int nonceOffset,
            DirectBuffer aad,
            int aadOffset,
            int aadLength,
            MutableDirectBuffer sealed,
            int offset,
            int sealedLength) {
        Check.that(!seal && context != 0, "made to seal, or closed");
        int length = sealedLength - TAG_BYTES;
        if (length < 0) {
            return BAD_TAG;
        }
        long at = Native.address(sealed, offset, sealedLength);
        try {
            begin(
                    Native.address(nonce, nonceOffset, NONCE_BYTES),
                    Native.address(aad, aadOffset, aadLength),
                    aadLength);
            control(EVP_CTRL_AEAD_SET_TAG, at + length);
            transform(at, length);
            if ((int) LibCrypto.EVP_CIPHER_FINAL.invokeExact(context, outLength, outLength) != OK) {
                sealed.setMemory(offset, length, (byte) 0);
                return BAD_TAG;
            }
            return length;
        } catch (Throwable t) {
            throw failed(t);
        } finally {
            reachabilityFence(nonce);
            reachabilityFence(aad);
            reachabilityFence(sealed);
        }
    }

    /** Frees the context, which wipes the key. */
    @Override
    public void close() {
        if (context == 0) {
            return;
        }
        try {
            LibCrypto.EVP_CIPHER_CTX_FREE.invokeExact(context);
        } catch (Throwable t) {
            throw failed(t);
        }
        context = 0;
        mapping.close();
    }

    private void begin(long nonce, long aad, int aadLength) throws Throwable {
        check(
                (int) LibCrypto.EVP_CIPHER_INIT.invokeExact(context, 0L, 0L, 0L, nonce, KEEP_DIRECTION),
                "EVP_CipherInit_ex");
        if (aadLength > 0) {
            check(
                    (int) LibCrypto.EVP_CIPHER_UPDATE.invokeExact(context, 0L, outLength, aad, aadLength),
                    "EVP_CipherUpdate");
        }
    }

    private void transform(long at, int length) throws Throwable {
        // A length of 0 with an output would be taken for the end by some versions.
        if (length > 0) {
            check(
                    (int) LibCrypto.EVP_CIPHER_UPDATE.invokeExact(context, at, outLength, at, length),
                    "EVP_CipherUpdate");
        }
    }

    private void control(int command, long pointer) throws Throwable {
        check(
                (int) LibCrypto.EVP_CIPHER_CTX_CTRL.invokeExact(context, command, TAG_BYTES, pointer),
                "EVP_CIPHER_CTX_ctrl");
    }

    private static void check(int result, String function) {
        if (result != OK) {
            throw new Fatal(
                    ExitCode.ENVIRONMENT, function + " failed; is AES-256-GCM disabled by OpenSSL's configuration?");
        }
    }

    private static RuntimeException failed(Throwable thrown) {
        switch (thrown) {
            case RuntimeException expected -> throw expected;
            case Error bug -> throw bug;
            case Throwable other -> throw Native.bug(other);
        }
    }
}
