/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.journal;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Map;
import net.openhft.chronicle.core.Jvm;
import net.openhft.chronicle.core.onoes.ExceptionHandler;

/**
 * What Chronicle is told before the first of its classes works: no threads of its own, no banner, no properties from
 * the working directory, and its words into this program's log. Nothing else of the program may use it before.
 */
final class ChronicleSetup {
    private static final Logger LOG = System.getLogger("twinwall.journal.files");

    /** Held, so that its level stays: Chronicle speaks by it of flags that it can do without. */
    private static final java.util.logging.Logger OTHER = java.util.logging.Logger.getLogger("net.openhft");

    private static final Map<String, String> PROPERTIES = Map.of(
            "chronicle.announcer.disable", "true",
            "chronicle.disk.monitor.disable", "true",
            "background.releaser", "false",
            "system.properties", "/dev/null",
            "slf4j.internal.verbosity", "ERROR");

    static {
        PROPERTIES.forEach((name, value) -> {
            if (System.getProperty(name) == null) {
                System.setProperty(name, value);
            }
        });
        OTHER.setLevel(java.util.logging.Level.OFF);
        Jvm.setExceptionHandlers(handler(Level.WARNING), handler(Level.INFO), ExceptionHandler.ignoresEverything());
        Jvm.setPerfExceptionHandler(ExceptionHandler.ignoresEverything());
    }

    private ChronicleSetup() {}

    /** To be called before anything of Chronicle's. */
    static void ensure() {}

    private static ExceptionHandler handler(Level level) {
        return (logger, message, thrown) -> {
            String cause = thrown == null ? "" : " (" + thrown + ")";
            LOG.log(level, "{0}{1}", message, cause);
        };
    }
}
