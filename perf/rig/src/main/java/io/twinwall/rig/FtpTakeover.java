/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.rig;

import io.twinwall.lab.Failure;
import io.twinwall.lab.FailureInjector;
import io.twinwall.lab.FirewallNode;
import io.twinwall.lab.LabPlan;
import io.twinwall.lab.Shell;
import io.twinwall.lab.Waiting;
import io.twinwall.testkit.Ftp;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * FTP through source translation, with the kernel's helper: data connections that were announced before the active lost its
 * power and open after it, and the control connections they belong to.
 */
record FtpTakeover() implements Scenario {
    private static final int SESSIONS = 10;
    private static final int PORT = 7050;
    private static final long HEIR_MS = 20_000;
    private static final long LOOK_MS = 5;
    private static final String HELPER = """
            table ip helpers {
              ct helper ftp { type "ftp" protocol tcp; }
              chain prerouting { type filter hook prerouting priority filter;
                tcp dport 7050 ct helper set "ftp"
              }
            }
            """;

    @Override
    public String word() {
        return "ftp";
    }

    @Override
    public String title() {
        return "FTP through NAT across a loss of power, of " + SESSIONS + " sessions";
    }

    @Override
    public List<Contender> contenders() {
        return List.of(Contender.TWINWALL_FAST, Contender.PEER_DEFAULT, Contender.PEER_KERNEL);
    }

    @Override
    public void run(Contender contender, Setting setting, Consumer<Result> results) {
        setting.progress().live(word() + ", " + contender.title());
        List<Ftp> sessions = new ArrayList<>();
        List<Ftp.Announced> announced = new ArrayList<>();
        try (Stage stage = new Stage(contender, setting)) {
            for (FirewallNode node : FirewallNode.values()) {
                Shell.run(HELPER, List.of("ip", "netns", "exec", stage.lab().namespace(node), "nft", "-f", "-"));
            }
            Ftp.Host client = new Ftp.Host(stage.lab().namespace("client"), LabPlan.CLIENT_V4);
            Ftp.Host server = new Ftp.Host(stage.lab().namespace("server"), LabPlan.SERVER_V4);
            for (int i = 0; i < SESSIONS; i++) {
                Ftp session = Ftp.open(client, server, LabPlan.SERVER_V4, PORT, PORT);
                sessions.add(session);
                announced.add(session.port());
            }
            Stage.settle();
            try (FailureInjector injector = new FailureInjector(Failure.POWER, stage.active(), false)) {
                injector.strike();
            }
            Waiting.until(HEIR_MS, LOOK_MS, () -> stage.stack().active(stage.standby()));
            Stage.settle();
            tell(
                    contender,
                    "data.lost",
                    lost(announced.size(), i -> sessions.get(i).send(announced.get(i)) != null),
                    results);
            tell(
                    contender,
                    "control.lost",
                    lost(sessions.size(), i -> "226 done".equals(sessions.get(i).reply("226 done"))),
                    results);
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException("an FTP session before the failure", e);
        } finally {
            announced.forEach(FtpTakeover::close);
            sessions.forEach(FtpTakeover::close);
        }
    }

    private void tell(Contender contender, String what, double lost, Consumer<Result> results) {
        results.accept(Result.of(word(), contender, what, "sessions", List.of(lost)));
    }

    /** What a session may do. */
    private interface Attempt {
        boolean of(int session) throws Exception;
    }

    private static int lost(int sessions, Attempt attempt) {
        int lost = sessions;
        for (int i = 0; i < sessions; i++) {
            try {
                lost -= attempt.of(i) ? 1 : 0;
            } catch (Exception e) {
                // A connection that is lost says so in many ways.
            }
        }
        return lost;
    }

    private static void close(AutoCloseable connection) {
        try {
            connection.close();
        } catch (Exception e) {
            // It is lost, which is a result.
        }
    }
}
