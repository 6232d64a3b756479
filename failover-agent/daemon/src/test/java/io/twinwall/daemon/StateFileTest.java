/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.base.ExitCode;
import io.twinwall.base.Fatal;
import io.twinwall.base.SeededRandom;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateFileTest {
    @TempDir
    private Path directory;

    private final List<String> told = new ArrayList<>();

    @Test
    void shouldRememberTermAndMaintenanceTogether() throws Exception {
        StateFile file = file();
        assertEquals(new StateFile.Stored(0, false), file.load());
        file.storeTerm(42, 7);
        file.storeMaintenance(true, 8);
        assertEquals(List.of("TERM 7 ", "MAINTENANCE 8 "), told);
        assertEquals(new StateFile.Stored(42, true), file().load());
        assertTrue(Files.readString(directory.resolve("deep/state"))
                .startsWith("twinwall-state 1\nterm 42\nmaintenance on\ncrc32 "));
        StateFile next = file();
        assertEquals(42, next.load().term());
        next.storeMaintenance(false, 9);
        next.storeTerm(41, 10);
        assertEquals(new StateFile.Stored(42, false), file().load());
    }

    @Test
    void shouldKeepADamagedFileAsideAndGoOn() throws Exception {
        StateFile first = file();
        first.load();
        first.storeTerm(1_234_567, 1);
        byte[] good = Files.readAllBytes(directory.resolve("deep/state"));
        SeededRandom random = new SeededRandom(Long.getLong("twinwall.seed", 20261121L));
        for (int i = 1; i <= 200; i++) {
            byte[] bad = good.clone();
            bad[random.nextInt(bad.length)] ^= (byte) (1 << random.nextInt(8));
            byte[] shown = random.chance(4) ? java.util.Arrays.copyOf(bad, random.nextInt(bad.length)) : bad;
            Files.write(directory.resolve("deep/state"), shown);
            assertEquals(new StateFile.Stored(0, false), file().load(), "seed " + random.seed() + " case " + i);
            assertEquals(
                    new String(shown, java.nio.charset.StandardCharsets.ISO_8859_1),
                    Files.readString(
                            directory.resolve("deep/state.damaged." + i),
                            java.nio.charset.StandardCharsets.ISO_8859_1));
        }
        StateFile after = file();
        assertEquals(0, after.load().term());
        after.storeTerm(9, 2);
        assertEquals(9, file().load().term());
    }

    @Test
    void shouldNotReadMoreThanAStateFileHolds() throws Exception {
        Files.createDirectories(directory.resolve("deep"));
        Files.write(directory.resolve("deep/state"), new byte[5_000]);
        assertEquals(new StateFile.Stored(0, false), file().load());
        assertEquals(5_000, Files.size(directory.resolve("deep/state.damaged.1")));
    }

    @Test
    void shouldAnswerWithTheReasonWhenItCannotStore() throws Exception {
        StateFile file = file();
        file.load();
        Files.createDirectories(directory.resolve("deep/state.new/in-the-way"));
        file.storeTerm(5, 1);
        assertTrue(told.getFirst().startsWith("TERM 1 " + directory.resolve("deep/state.new") + ": "), told.toString());
        Files.delete(directory.resolve("deep/state.new/in-the-way"));
        Files.delete(directory.resolve("deep/state.new"));
        file.storeMaintenance(true, 2);
        assertEquals(new StateFile.Stored(5, true), file().load());
    }

    @Test
    void shouldSayThatItsDirectoryCannotBeUsed() throws Exception {
        Files.writeString(directory.resolve("deep"), "a file");
        Fatal fatal = assertThrows(Fatal.class, () -> file().load());
        assertEquals(ExitCode.ENVIRONMENT, fatal.exitCode());
        assertTrue(fatal.getMessage().contains("[state] directory " + directory.resolve("deep")), fatal.getMessage());
    }

    private StateFile file() {
        return new StateFile(
                directory.resolve("deep"),
                Runnable::run,
                (what, token, problem) -> told.add(what + " " + token + " " + problem));
    }
}
