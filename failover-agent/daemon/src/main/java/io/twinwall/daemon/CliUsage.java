/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/**
 * What is wrong with a command line. Apart from its users, because the JVM verifies at its start whatever it finds in its
 * cache: a class that throws picocli's exception has it load that, for which it opens every jar.
 */
final class CliUsage {
    private CliUsage() {}

    /** To be thrown: {@code text} is told, with how to ask for help. */
    static RuntimeException wrong(CommandSpec spec, String text) {
        return new ParameterException(spec.commandLine(), text);
    }

    static RuntimeException wrong(CommandSpec spec, String text, Throwable cause) {
        return new ParameterException(spec.commandLine(), text, cause);
    }
}
