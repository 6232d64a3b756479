/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.base.ExitCode;
import io.twinwall.base.Fatal;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Collectors;
import org.tomlj.Toml;
import org.tomlj.TomlParseError;
import org.tomlj.TomlParseOptions;
import org.tomlj.TomlParseResult;
import org.tomlj.TomlVersion;

/**
 * Reads the configuration file. Never stops at the first problem, touches nothing but the file, and looks at no other
 * state of the machine: a file may be checked on the desk where it is written.
 */
public final class ConfigFile {
    /** A file longer than this is not a configuration; the parser's time grows with it. */
    static final int BYTES_MAX = 64 * 1024;

    private static final TomlParseOptions OPTIONS =
            TomlParseOptions.sourceless().withVersion(TomlVersion.V1_0_0).withMaxNestingDepth(8);

    private ConfigFile() {}

    /** Reads {@code file}; a file that cannot be read is one problem. */
    public static ConfigReport check(Path file) {
        String name = file.toString();
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(BYTES_MAX + 1);
            if (bytes.length > BYTES_MAX) {
                return unreadable(name, "at most " + BYTES_MAX + " bytes", "more");
            }
            return check(
                    name,
                    StandardCharsets.UTF_8
                            .newDecoder()
                            .decode(ByteBuffer.wrap(bytes))
                            .toString());
        } catch (CharacterCodingException e) {
            return unreadable(name, "UTF-8 text", "other bytes");
        } catch (NoSuchFileException e) {
            return unreadable(name, "a configuration file", "none there");
        } catch (AccessDeniedException e) {
            return unreadable(name, "a file this user may read (run as root)", "permission denied");
        } catch (IOException e) {
            return unreadable(name, "a readable file", String.valueOf(e.getMessage()));
        }
    }

    /** Reads {@code text}; {@code name} is what problems call it. */
    public static ConfigReport check(String name, String text) {
        ConfigProblems problems = new ConfigProblems(name);
        TomlParseResult toml = Toml.parse(text, OPTIONS);
        for (TomlParseError error : toml.errors()) {
            problems.add(error.position().line(), "", "valid TOML", ConfigProblems.visible(error.getMessage()), "");
        }
        // Binding half a file would only report as absent what the parser had to skip.
        Optional<Config> config =
                problems.any() ? Optional.empty() : ConfigBinder.bind(new ConfigTable(problems, toml, "", 0));
        return new ConfigReport(problems.any() ? Optional.empty() : config, problems.problems(), problems.warnings());
    }

    /**
     * The configuration in {@code file}.
     *
     * @throws Fatal CONFIG, its message one line for each problem
     */
    public static Config load(Path file) {
        ConfigReport report = check(file);
        return report.config()
                .orElseThrow(() -> new Fatal(
                        ExitCode.CONFIG,
                        report.problems().stream().map(ConfigProblem::text).collect(Collectors.joining("\n"))));
    }

    private static ConfigReport unreadable(String name, String expected, String found) {
        ConfigProblems problems = new ConfigProblems(name);
        problems.add(0, "", expected, found, "");
        return new ConfigReport(Optional.empty(), problems.problems(), problems.warnings());
    }
}
