/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.dist;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.openqa.selenium.By;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.AddHasCdp;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.chromium.ChromiumDriver;
import org.openqa.selenium.chromium.ChromiumDriverCommandExecutor;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;
import org.openqa.selenium.remote.http.ClientConfig;

/**
 * Chromium without a screen, in a network namespace, as somebody there would use it. Its driver stays outside and talks to
 * it by pipes: so the browser reaches what its namespace reaches and nothing else, and nobody there reaches the driver.
 */
final class Browser implements AutoCloseable {
    private static final Path CHROMIUM = Path.of("/usr/bin/chromium");
    private static final Path DRIVER = Path.of("/usr/bin/chromedriver");
    private static final Duration LOADED = Duration.ofSeconds(60);
    private static final int SCREEN_HEIGHT = 800;
    private static final List<String> FLAGS = List.of(
            "--headless=new",
            "--remote-debugging-pipe",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            // What it would ask its makers for in the background.
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--no-first-run",
            "--no-default-browser-check");

    /** Held, so that it stays as quiet as it is told to be: that no classes of Chromium's own protocol are here is meant. */
    private static final Logger VERSIONS = Logger.getLogger("org.openqa.selenium.devtools.CdpVersionFinder");

    private final Driver driver;
    private int width;

    /**
     * Starts one.
     *
     * @param directory of its own: profile and all else that it writes
     */
    Browser(Path directory, String namespace) throws IOException {
        for (Path program : List.of(CHROMIUM, DRIVER)) {
            assertTrue(Files.isExecutable(program), "no " + program + ": apt-get install chromium chromium-driver");
        }
        VERSIONS.setLevel(Level.SEVERE);
        Files.createDirectories(directory);
        Path inside = Files.writeString(directory.resolve("chromium"), """
                #!/bin/sh
                exec ip netns exec %s %s "$@"
                """.formatted(namespace, CHROMIUM));
        Files.setPosixFilePermissions(inside, PosixFilePermissions.fromString("rwx------"));
        ChromeOptions options = new ChromeOptions();
        options.setBinary(inside.toFile());
        options.addArguments(FLAGS);
        options.addArguments("--user-data-dir=" + directory.resolve("profile"));
        options.setAcceptInsecureCerts(true);
        options.setPageLoadTimeout(LOADED);
        LoggingPreferences logs = new LoggingPreferences();
        logs.enable(LogType.BROWSER, Level.ALL);
        options.setCapability(ChromeOptions.LOGGING_PREFS, logs);
        ChromeDriverService service = new ChromeDriverService.Builder()
                .usingDriverExecutable(DRIVER.toFile())
                .usingAnyFreePort()
                .withLogFile(directory.resolve("driver.log").toFile())
                .withEnvironment(Map.of("HOME", directory.toString()))
                .build();
        driver = new Driver(service, options);
    }

    /** Selenium's own looks for a driver first, by a program that downloads one. */
    private static final class Driver extends ChromiumDriver {
        Driver(ChromeDriverService service, ChromeOptions options) {
            super(
                    new ChromiumDriverCommandExecutor(
                            service, new AddHasCdp().getAdditionalCommands(), ClientConfig.defaultConfig()),
                    options,
                    ChromeOptions.CAPABILITY);
            cdp = new AddHasCdp().getImplementation(getCapabilities(), getExecuteMethod());
        }
    }

    void open(String address) {
        driver.get(address);
    }

    String title() {
        return driver.getTitle();
    }

    /** What can be read in the element of that id. */
    String text(String id) {
        return driver.findElement(By.id(id)).getText();
    }

    /** What can be read on the page. */
    String text() {
        return driver.findElement(By.tagName("body")).getText();
    }

    /** The elements that a style sheet would choose. */
    List<WebElement> all(String selector) {
        return driver.findElements(By.cssSelector(selector));
    }

    /** What a script of the page comes to. */
    Object run(String script) {
        return driver.executeScript(script);
    }

    /** The same of one that ends with {@code await}: it calls its last argument with the result. */
    Object runLater(String script) {
        return driver.executeAsyncScript(script);
    }

    /** How a screen so wide, and a person who likes it dark or light, see the page. */
    void look(int width, boolean dark) {
        this.width = width;
        driver.executeCdpCommand(
                "Emulation.setEmulatedMedia",
                Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", dark ? "dark" : "light"))));
        screen(SCREEN_HEIGHT);
    }

    private void screen(long height) {
        driver.executeCdpCommand(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", false));
    }

    /** Keeps what is seen of the page, from its head to its foot. */
    Path picture(Path file) throws IOException {
        Files.createDirectories(file.getParent());
        screen((Long) run("return document.documentElement.scrollHeight"));
        Files.write(file, driver.getScreenshotAs(OutputType.BYTES));
        screen(SCREEN_HEIGHT);
        return file;
    }

    /** What the console has complained of since it was asked last. */
    List<String> complaints() {
        return driver.manage().logs().get(LogType.BROWSER).getAll().stream()
                .filter(entry -> entry.getLevel().intValue() >= Level.SEVERE.intValue())
                .map(LogEntry::toString)
                .toList();
    }

    @Override
    public void close() {
        driver.quit();
    }
}
