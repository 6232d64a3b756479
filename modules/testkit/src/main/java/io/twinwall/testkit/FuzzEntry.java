/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.testkit;

import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Hands the target of one fuzz test to a fuzzer that watches the coverage (Jazzer calls these two methods by their names).
 * {@code -Dtwinwall.fuzz.test=CLASS#METHOD} says which; its inputs are written to {@code -Dtwinwall.fuzz.corpus=DIRECTORY}
 * to begin with. HACKING.md has the command.
 */
public final class FuzzEntry {
    private static boolean taking;
    private static Fuzz.Target target;

    private FuzzEntry() {}

    /** Finds the target. */
    public static void fuzzerInitialize() throws ReflectiveOperationException {
        String[] words = System.getProperty("twinwall.fuzz.test", "").split("#", 2);
        Constructor<?> test = Class.forName(words[0]).getDeclaredConstructor();
        test.setAccessible(true);
        Method method = test.getDeclaringClass().getDeclaredMethod(words[1]);
        method.setAccessible(true);
        taking = true;
        method.invoke(test.newInstance());
    }

    /** Tries one input. */
    public static void fuzzerTestOneInput(byte[] input) throws Exception {
        target.run(input);
    }

    /** True when a fuzzer wants {@code wanted} for itself. */
    static boolean takes(Fuzz.Target wanted, List<byte[]> corpus) {
        if (!taking || target != null) {
            return taking;
        }
        target = wanted;
        Path directory = Path.of(System.getProperty("twinwall.fuzz.corpus", "target/fuzz"));
        try {
            Files.createDirectories(directory);
            for (int i = 0; i < corpus.size(); i++) {
                Files.write(directory.resolve("given-" + i), corpus.get(i));
            }
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        return true;
    }
}
