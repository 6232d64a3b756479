/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.doctor;

import io.twinwall.base.CertificateKey;
import io.twinwall.base.ExitCode;
import io.twinwall.base.Fatal;
import io.twinwall.linux.Errno;
import io.twinwall.linux.KernelClock;
import io.twinwall.linux.Sysctl;
import io.twinwall.netlink.NlException;
import io.twinwall.netlink.RtAddress;
import io.twinwall.netlink.RtAddresses;
import io.twinwall.netlink.RtLink;
import io.twinwall.netlink.RtLinks;
import io.twinwall.netlink.RtNeighbour;
import io.twinwall.netlink.RtNeighbours;
import io.twinwall.wire.ClusterKey;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The host that this runs on, as the calling thread sees it: the settings, interfaces and rules of that thread's network
 * namespace. Asks the kernel by netlink and by its files and starts no program. What several exams ask for is read once.
 */
public final class LinuxHost implements Host {
    private static final Path CONNTRACK_COUNTERS = Path.of("/proc/thread-self/net/stat/nf_conntrack");

    /** {@code <sys/stat.h>}: the sticky bit. */
    private static final int S_ISVTX = 0x200;

    private static final long SAMPLE_NS = TimeUnit.MILLISECONDS.toNanos(500);
    private static final String EVENTS = "sync_kernel_events_total";

    /** Asks a daemon; nothing when none runs. */
    @FunctionalInterface
    public interface DaemonPort {
        Optional<Running> ask() throws Unanswered;
    }

    @FunctionalInterface
    private interface Question<T> {
        T ask() throws IOException, NlException, Unanswered;
    }

    private final DaemonPort daemon;
    private final Path socket;
    private final Map<String, Object> answers = new HashMap<>();

    /** {@code socket}: the daemon's, beside which it leaves its process' id. */
    public LinuxHost(DaemonPort daemon, Path socket) {
        this.daemon = daemon;
        this.socket = socket;
    }

    @Override
    public String kernelRelease() throws Unanswered {
        return sysctl("kernel/osrelease").orElseThrow(() -> new Unanswered("The kernel does not tell its release"));
    }

    @Override
    public String lacking(Feature feature) throws Unanswered {
        return LinuxFeatures.lacking(feature);
    }

    @Override
    public Set<String> modules() throws Unanswered {
        Path builtIn = Path.of("/lib/modules", kernelRelease(), "modules.builtin");
        return asked("Which modules the kernel has", () -> {
            Set<String> names = new HashSet<>();
            for (String file : Files.readAllLines(builtIn)) {
                String name = Path.of(file).getFileName().toString();
                names.add(name.replaceFirst("\\.ko$", "").replace('-', '_'));
            }
            Path loaded = Path.of("/proc/modules");
            if (Files.exists(loaded)) {
                Files.readAllLines(loaded).forEach(line -> names.add(line.split(" ", 2)[0]));
            }
            return names;
        });
    }

    @Override
    public int javaVersion() {
        return Runtime.version().feature();
    }

    @Override
    public Optional<String> sysctl(String path) throws Unanswered {
        try {
            return Optional.of(Sysctl.read(path));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new Unanswered(Sysctls.key(path) + " cannot be read: " + e.getMessage(), e);
        }
    }

    @Override
    public Map<String, Long> conntrackCounters() throws Unanswered {
        return asked("Conntrack's counters", () -> {
            Map<String, Long> sums = new HashMap<>();
            if (Files.exists(CONNTRACK_COUNTERS)) {
                List<String> lines = Files.readAllLines(CONNTRACK_COUNTERS);
                String[] names = lines.getFirst().strip().split("\\s+", -1);
                for (String line : lines.subList(1, lines.size())) {
                    String[] values = line.strip().split("\\s+", -1);
                    for (int i = 0; i < Math.min(names.length, values.length); i++) {
                        sums.merge(names[i], Long.parseLong(values[i], 16), Long::sum);
                    }
                }
            }
            return sums;
        });
    }

    @Override
    public List<RtLink> links() throws Unanswered {
        return once("links", () -> {
            try (RtLinks links = RtLinks.open()) {
                return links.list();
            }
        });
    }

    @Override
    public List<RtAddress> addresses() throws Unanswered {
        return once("addresses", () -> {
            try (RtAddresses addresses = RtAddresses.open()) {
                return addresses.list();
            }
        });
    }

    @Override
    public List<RtNeighbour> neighbours() throws Unanswered {
        return once("neighbours", () -> {
            try (RtNeighbours neighbours = RtNeighbours.open()) {
                return neighbours.list();
            }
        });
    }

    @Override
    public Ruleset ruleset() throws Unanswered {
        return once("the ruleset", LinuxRuleset::read);
    }

    @Override
    public Optional<FileFacts> file(Path path) throws Unanswered {
        try {
            PosixFileAttributes attributes = Files.readAttributes(path, PosixFileAttributes.class);
            long uid = ((Number) Files.getAttribute(path, "unix:uid")).longValue();
            int mode = ((Number) Files.getAttribute(path, "unix:mode")).intValue();
            return Optional.of(new FileFacts(
                    attributes.isDirectory(),
                    PosixFilePermissions.toString(attributes.permissions()),
                    (mode & S_ISVTX) != 0,
                    uid,
                    Files.isExecutable(path),
                    fileSystem(path)));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new Unanswered(path + " cannot be looked at: " + e.getMessage(), e);
        }
    }

    /** Empty where the mounts do not tell, as in some containers. */
    private static String fileSystem(Path path) {
        try {
            return Files.getFileStore(path).type().toLowerCase(Locale.ROOT);
        } catch (IOException e) {
            return "";
        }
    }

    @Override
    public OptionalLong certificateLeftS(Path path) throws Unanswered {
        try (InputStream in = Files.newInputStream(path)) {
            X509Certificate first =
                    (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
            long leftMs = first.getNotAfter().toInstant().toEpochMilli() - System.currentTimeMillis();
            return OptionalLong.of(TimeUnit.MILLISECONDS.toSeconds(leftMs));
        } catch (CertificateException e) {
            return OptionalLong.empty();
        } catch (IOException e) {
            throw new Unanswered(path + " cannot be read: " + e.getMessage(), e);
        }
    }

    @Override
    public String certificateKeyProblem(Path certificate, Path key) throws Unanswered {
        try {
            return CertificateKey.problem(Files.readAllBytes(certificate), Files.readAllBytes(key));
        } catch (IOException e) {
            throw new Unanswered(certificate + " and " + key + " cannot be read: " + e.getMessage(), e);
        }
    }

    @Override
    public String keyProblem(Path path) throws Unanswered {
        try {
            ClusterKey.read(path);
            return "";
        } catch (Fatal e) {
            if (e.exitCode() != ExitCode.NO_PERMISSION) {
                return e.getMessage();
            }
            if (file(path).map(FileFacts::openToOthers).orElse(false)) {
                return "";
            }
            throw new Unanswered(e.getMessage(), e);
        }
    }

    @Override
    public Rights rights() throws Unanswered {
        boolean runs = answers();
        return asked("What the process may do", () -> {
            Path lock = socket.resolveSibling(socket.getFileName() + ".lock");
            String pid = runs && Files.isReadable(lock) ? Files.readString(lock).strip() : "";
            boolean theirs = pid.matches("[0-9]{1,9}") && Files.exists(Path.of("/proc", pid));
            long of = theirs ? Long.parseLong(pid) : ProcessHandle.current().pid();
            long uid = -1;
            long effective = 0;
            for (String line : Files.readAllLines(Path.of("/proc", String.valueOf(of), "status"))) {
                String[] words = line.split("\\s+", -1);
                if (words[0].equals("Uid:")) {
                    uid = Long.parseLong(words[2]);
                } else if (words[0].equals("CapEff:")) {
                    effective = Long.parseUnsignedLong(words[1], 16);
                }
            }
            return new Rights(theirs, of, uid, effective);
        });
    }

    /** One that hangs may be any process. */
    private boolean answers() {
        try {
            return daemon().isPresent();
        } catch (Unanswered e) {
            return false;
        }
    }

    @Override
    public boolean clockKept() throws Unanswered {
        int status = KernelClock.adjtimexStatus();
        if (status < 0) {
            throw new Unanswered("The kernel does not tell of its clock: " + Errno.name(status));
        }
        return (status & KernelClock.STA_UNSYNC) == 0;
    }

    @Override
    public Optional<Running> daemon() throws Unanswered {
        return once("the daemon", daemon::ask);
    }

    @Override
    public OptionalLong eventsPerSecond() throws Unanswered {
        Optional<Running> before = daemon.ask();
        long startNs = System.nanoTime();
        if (before.isEmpty()) {
            return OptionalLong.empty();
        }
        LockSupport.parkNanos(SAMPLE_NS);
        Optional<Running> after = daemon.ask();
        long tookNs = System.nanoTime() - startNs;
        if (after.isEmpty()) {
            return OptionalLong.empty();
        }
        long events = after.get().counter(EVENTS) - before.get().counter(EVENTS);
        return OptionalLong.of(Math.max(0, events) * TimeUnit.SECONDS.toNanos(1) / tookNs);
    }

    /** An answer that holds for the whole examination. */
    @SuppressWarnings("unchecked") // each name stands for one type
    private <T> T once(String name, Question<T> question) throws Unanswered {
        Object known = answers.get(name);
        if (known == null) {
            known = asked(name, question);
            answers.put(name, known);
        }
        return (T) known;
    }

    private static <T> T asked(String what, Question<T> question) throws Unanswered {
        try {
            return question.ask();
        } catch (IOException | NlException | NumberFormatException | Fatal e) {
            throw new Unanswered(what + ": " + e.getMessage(), e);
        }
    }
}
