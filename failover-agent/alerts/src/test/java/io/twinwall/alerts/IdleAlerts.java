/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.alerts;

import io.twinwall.alerts.AlertSpec.Security;
import io.twinwall.base.Counters;
import io.twinwall.base.NanoClock;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;

/**
 * A program of its own for {@link AlertsFootprintIT}: receivers of each kind, two looks at a pair that is well, and
 * the end.
 */
final class IdleAlerts {
    private IdleAlerts() {}

    public static void main(String[] args) throws InterruptedException {
        CountDownLatch looks = new CountDownLatch(2);
        Alerts alerts = new Alerts(
                () -> Samples.ORIGIN,
                (command, environment) -> {
                    throw new AssertionError("nothing is to be run");
                },
                NanoClock.SYSTEM,
                System::currentTimeMillis,
                new Counters());
        alerts.configure(List.of(
                spec(
                        "mail",
                        new AlertSpec.Mail(
                                "localhost",
                                25,
                                Security.TLS,
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty(),
                                "fw@example.net",
                                List.of("ops@example.net"))),
                spec(
                        "webhook",
                        new AlertSpec.Webhook(URI.create("https://localhost/"), Optional.empty(), Optional.empty())),
                spec("script", new AlertSpec.Script(List.of("/bin/true")))));
        alerts.start(nowNs -> {
            looks.countDown();
            return List.of();
        });
        looks.await();
        alerts.close();
    }

    private static AlertSpec spec(String name, AlertSpec.Target target) {
        return new AlertSpec(name, Samples.EVERYTHING, target, Samples.S, Samples.S);
    }
}
