/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.alerts.AlertSpec;
import io.twinwall.doctor.Plan;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** {@link DoctorPlan}: the files that a configuration names, and from whom they are to be kept. */
final class DoctorFiles {
    private DoctorFiles() {}

    static Plan.Named named(Config config) {
        List<Plan.Kept> kept = new ArrayList<>();
        config.alerts().forEach(alert -> alert(kept, alert));
        config.admin().remote().ifPresent(remote -> {
            kept.add(new Plan.Kept(remote.certificate(), "the certificate of [admin.remote]", Plan.Care.CERTIFICATE));
            kept.add(new Plan.Kept(remote.key(), "the key of [admin.remote]", Plan.Care.GROUP_SECRET));
            kept.add(new Plan.Kept(remote.tokenFile(), "the tokens of [admin.remote]", Plan.Care.GROUP_SECRET));
        });
        Config.JournalFiles journal = config.journal();
        return new Plan.Named(
                List.copyOf(kept),
                journal.enabled() ? Optional.of(journal.directory()) : Optional.empty(),
                config.alerts().stream().anyMatch(alert -> alert.target() instanceof AlertSpec.Webhook),
                config.admin().remote().map(remote -> new Plan.Tls(remote.certificate(), remote.key())));
    }

    private static void alert(List<Plan.Kept> kept, AlertSpec alert) {
        String of = " of the alert \"" + alert.name() + "\"";
        switch (alert.target()) {
            case AlertSpec.Mail mail -> {
                add(kept, mail.passwordFile(), "the password" + of, Plan.Care.SECRET);
                add(kept, mail.caFile(), "the trusted certificates" + of, Plan.Care.PUBLIC);
            }
            case AlertSpec.Webhook webhook -> {
                add(kept, webhook.secretFile(), "the secret" + of, Plan.Care.SECRET);
                add(kept, webhook.caFile(), "the trusted certificates" + of, Plan.Care.PUBLIC);
            }
            case AlertSpec.Script script ->
                kept.add(new Plan.Kept(Path.of(script.command().getFirst()), "the program" + of, Plan.Care.PUBLIC));
        }
    }

    private static void add(List<Plan.Kept> kept, Optional<Path> file, String title, Plan.Care care) {
        file.ifPresent(path -> kept.add(new Plan.Kept(path, title, care)));
    }
}
