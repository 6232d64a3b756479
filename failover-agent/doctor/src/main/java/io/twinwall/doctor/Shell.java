/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.doctor;

import java.nio.file.Path;

/** Words of the commands that remedies are made of. */
final class Shell {
    private static final String MODULES = "/etc/modules-load.d/twinwall.conf";
    private static final String PLAIN = "[A-Za-z0-9_./:@%+=-]+";

    private Shell() {}

    /** {@code word} as one word of a shell. */
    static String quoted(String word) {
        return word.matches(PLAIN) ? word : "'" + word.replace("'", "'\\''") + "'";
    }

    static String quoted(Path path) {
        return quoted(path.toString());
    }

    /** Loads a module now and at each boot. */
    static Remedy module(String name) {
        return Remedy.run("modprobe " + name).keeping("echo " + name + " >> " + MODULES);
    }

    /** At each boot, before the settings that come with it are made. */
    static String moduleAtBoot(String name) {
        return "echo " + name + " >> " + MODULES;
    }

    /** Gives {@code key} of the configuration's table {@code table} a value, whether key or table are there or not. */
    static String[] set(Path configuration, String table, String key, String value) {
        return new String[] {addTable(configuration, table), setKey(configuration, table, key, value)};
    }

    private static String addTable(Path configuration, String table) {
        String file = quoted(configuration);
        // After a line of its own: the last one may have no end.
        return "grep -q '^ *\\[" + table + "\\]' " + file + " || printf '\\n[" + table + "]\\n' >> " + file;
    }

    private static String setKey(Path configuration, String table, String key, String value) {
        String begin = "^ *\\[" + table + "\\]";
        return "sed -i -e '/" + begin + "/,/^ *\\[/{/^ *" + key + " *=/d}' -e '/" + begin + "/a " + key + " = " + value
                + "' " + quoted(configuration);
    }
}
