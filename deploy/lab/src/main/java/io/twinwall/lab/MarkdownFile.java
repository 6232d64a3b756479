/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

import io.twinwall.base.ExitCode;
import io.twinwall.base.Fatal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The file of a table: written after each row, so that a table that is cut short leaves what it has. */
final class MarkdownFile {
    private final Path file;
    private final String above;

    /** {@code file} null: none; {@code append}: below what is in it. */
    MarkdownFile(Path file, boolean append) {
        this.file = file;
        try {
            String kept = append && Files.exists(file) ? Files.readString(file).stripTrailing() + "\n\n" : "";
            above = kept.contains(FailuresReport.COLUMNS) ? kept : kept + FailuresReport.COLUMNS + "\n";
        } catch (IOException e) {
            throw refused(e);
        }
    }

    void write(FailuresReport report) {
        if (file == null) {
            return;
        }
        try {
            Files.writeString(file, above + report.markdown());
        } catch (IOException e) {
            throw refused(e);
        }
    }

    private Fatal refused(IOException e) {
        return new Fatal(ExitCode.ENVIRONMENT, file + ": " + e.getMessage(), e);
    }
}
