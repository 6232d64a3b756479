/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.linux;

import static io.twinwall.linux.Native.INT;
import static io.twinwall.linux.Native.POINTER;

import io.twinwall.base.ExitCode;
import io.twinwall.base.Fatal;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.List;

/**
 * OpenSSL's EVP functions, linked once; the calls are in {@link AesGcm}. All are brief: they compute over at most one
 * frame and never block.
 */
@SuppressWarnings("restricted") // loading a C library
final class LibCrypto {
    private static final List<String> NAMES = List.of("libcrypto.so.3", "libcrypto.so.1.1");
    private static final SymbolLookup LIBRARY = load(NAMES);

    static final MethodHandle EVP_CIPHER_CTX_NEW = function("EVP_CIPHER_CTX_new", POINTER);
    static final MethodHandle EVP_CIPHER_CTX_FREE =
            Native.brief(LIBRARY, "EVP_CIPHER_CTX_free", FunctionDescriptor.ofVoid(POINTER));
    static final MethodHandle EVP_AES_256_GCM = function("EVP_aes_256_gcm", POINTER);
    /** (ctx, cipher, engine, key, iv, encrypt) */
    static final MethodHandle EVP_CIPHER_INIT =
            function("EVP_CipherInit_ex", INT, POINTER, POINTER, POINTER, POINTER, POINTER, INT);
    /** (ctx, out, int *outLength, in, inLength) */
    static final MethodHandle EVP_CIPHER_UPDATE =
            function("EVP_CipherUpdate", INT, POINTER, POINTER, POINTER, POINTER, INT);
    /** (ctx, out, int *outLength) */
    static final MethodHandle EVP_CIPHER_FINAL = function("EVP_CipherFinal_ex", INT, POINTER, POINTER, POINTER);
    /** (ctx, command, int argument, void *pointer) */
    static final MethodHandle EVP_CIPHER_CTX_CTRL = function("EVP_CIPHER_CTX_ctrl", INT, POINTER, INT, INT, POINTER);

    private LibCrypto() {}

    /** The first library of {@code names} that is installed. */
    static SymbolLookup load(List<String> names) {
        for (String name : names) {
            try {
                return SymbolLookup.libraryLookup(name, Arena.global());
            } catch (IllegalArgumentException absent) {
                // The next one may be there.
            }
        }
        throw new Fatal(
                ExitCode.ENVIRONMENT,
                "OpenSSL's " + String.join(" or ", names) + " is not installed; install the package libssl3"
                        + " (Debian 12, Ubuntu 22.04), libssl3t64 (later ones) or openssl-libs (Fedora, RHEL)");
    }

    private static MethodHandle function(String name, MemoryLayout result, MemoryLayout... arguments) {
        return Native.brief(LIBRARY, name, FunctionDescriptor.of(result, arguments));
    }
}
