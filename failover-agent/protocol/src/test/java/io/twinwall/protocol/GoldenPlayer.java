/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.protocol;

import io.twinwall.base.Check;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Plays a golden script. Lines that begin with {@code >} are events, {@code #} comments; the rest is answers and is thrown
 * away. Times are milliseconds from the start. Steps that carry a token are answered a millisecond later unless the script
 * says {@code > hold KIND}; heartbeats out are shown when they say something new.
 *
 * <pre>
 *   > node 2 slave strict          node id, configured role, fence (first line); more: priority=90, countdown=1000 and so on
 *   > at 40 hear MASTER term=1 gate ack
 *   > until 300                    ticks as they fall due
 *   > at 300 hear ... every 40 until 900
 *   > at 300 sync READY | switchover [force] | promote [force] | maintenance on | veto | stop | stall 500 | done KIND | fail KIND
 *   > at 300 health 60 [fault] | reach SILENT | gone | answered | lost | precheck SWITCHOVER | reload priority=90
 *   > all                          from here on, every heartbeat and renewal, and whether it is urgent
 *   > at 300 path down
 *   > mute                         from here on, no test address answers when it is asked; before, each after a millisecond
 *   > at 300 reached begun=250     one does, a try that began then
 * </pre>
 */
final class GoldenPlayer {
    private static final long MS = 1_000_000L;

    private final StringBuilder out = new StringBuilder();
    private final ArrayDeque<RoleEvent> answers = new ArrayDeque<>();
    private final Map<String, Long> held = new HashMap<>();
    private RoleConfig config;
    private RoleState state;
    private long nowNs;
    private long heardCounter;
    private String lastSaid = "";
    private boolean all;
    private boolean mute;

    String play(String script) {
        for (String line : script.lines().toList()) {
            if (line.startsWith("#") || line.isBlank()) {
                out.append(line).append('\n');
            } else if (line.startsWith("> ")) {
                out.append(line).append('\n');
                command(line.substring(2).split(" +"));
            }
        }
        return out.toString();
    }

    private void command(String[] words) {
        switch (words[0]) {
            case "node" -> setUp(words);
            case "all" -> all = true;
            case "mute" -> mute = true;
            case "hold" -> held.put(words[1], 0L);
            case "until" -> runUntil(number(words[1]) * MS);
            case "at" -> at(words);
            default -> throw new IllegalArgumentException(String.join(" ", words));
        }
    }

    private void setUp(String[] words) {
        int node = (int) number(words[1]);
        Fence fence = words[3].equals("strict") ? Fence.STRICT : Fence.WHEN_PEER_READY;
        List<String> list = Arrays.asList(words);
        RoleConfig base = ToyPair.config(
                node,
                node == 1 ? "fw-a" : "fw-b",
                words[2].equals("master"),
                (int) value(list, "priority", 100),
                3 - node,
                node == 1 ? "fw-b" : "fw-a",
                RoleConfig.Timing.of(40 * MS, 110 * MS, 170 * MS),
                fence,
                list.contains("probe"));
        RoleConfig.FailBack failBack = RoleConfig.FailBack.NEVER;
        for (RoleConfig.FailBack.Policy policy : RoleConfig.FailBack.Policy.values()) {
            long delayMs = value(list, policy.name(), -1);
            failBack = delayMs < 0 ? failBack : new RoleConfig.FailBack(policy, delayMs * MS);
        }
        long flaps = value(list, "flaps", 100);
        RoleConfig.Flap flap = new RoleConfig.Flap((int) flaps, 60_000 * MS, 10_000 * MS);
        config = ToyPair.with(base, list.contains("hooks"), failBack, flap);
        config = ToyPair.with(config, value(list, "countdown", 0) * MS);
        state = RoleProtocol.initial(config, 0);
        take(new RoleEvent.Started(value(list, "term", 0), list.contains("maintenance"), list.contains("gate")));
    }

    private void at(String[] words) {
        runUntil(number(words[1]) * MS);
        String[] rest = Arrays.copyOfRange(words, 2, words.length);
        List<String> list = Arrays.asList(rest);
        int every = list.indexOf("every");
        long untilNs = every < 0 ? nowNs : number(list.get(list.indexOf("until") + 1)) * MS;
        do {
            event(rest);
            runUntil(every < 0 ? nowNs : Math.min(untilNs, nowNs + number(list.get(every + 1)) * MS));
        } while (nowNs < untilNs);
    }

    private void event(String[] words) {
        switch (words[0]) {
            case "hear" -> hear(words);
            case "sync" ->
                take(new RoleEvent.SyncChanged(
                        state.syncTerm(),
                        new Sync(
                                Readiness.valueOf(words[1]),
                                words.length > 2 ? number(words[2]) : 0,
                                0,
                                true,
                                words.length > 3 ? number(words[3]) : 0)));
            case "promote" -> take(new RoleEvent.PromoteAsked(words.length > 1));
            case "maintenance" -> take(new RoleEvent.MaintenanceAsked(words[1].equals("on")));
            case "health" ->
                take(new RoleEvent.HealthChanged(
                        (int) number(words[1]), words.length > 2 ? words[2] + " is down" : "", "told so"));
            case "reach" -> take(new RoleEvent.ReachChanged(Reach.valueOf(words[1])));
            case "reached" -> take(new RoleEvent.ReachAnswered(value(Arrays.asList(words), "begun", 0) * MS, nowNs));
            case "gone" ->
                take(new RoleEvent.PeerAgentGone(config.peers().getFirst().node(), 0));
            case "precheck" -> precheck(Action.valueOf(words[1]));
            case "reload" -> reload((int) value(Arrays.asList(words), "priority", 100));
            case "path" -> take(new RoleEvent.PathChanged(0, words[1].equals("up")));
            case "switchover" -> take(new RoleEvent.SwitchoverAsked(words.length > 1));
            case "veto" -> take(new RoleEvent.VetoAsked());
            case "stop" -> take(new RoleEvent.StopAsked());
            case "answered" -> take(new RoleEvent.VipAnswered("somebody"));
            case "lost" -> take(new RoleEvent.LeaseLost("the table is gone"));
            case "stall" -> nowNs += number(words[1]) * MS;
            case "done", "fail" -> {
                EffectKind kind = EffectKind.valueOf(words[1]);
                boolean ok = words[0].equals("done");
                take(new RoleEvent.EffectDone(held.get(words[1]), kind, ok, ok ? "" : "told to fail", Counts.NONE));
            }
            default -> throw new IllegalArgumentException(words[0]);
        }
    }

    private void precheck(Action action) {
        Precheck precheck = RoleProtocol.precheck(state, nowNs, config, action);
        out.append("%6.1f < %s %s%n".formatted(nowNs / 1e6, action, precheck.allowed() ? "allowed" : "refused"));
        precheck.refusals().forEach(why -> out.append("         refusal: %s%n".formatted(why)));
        precheck.losses().forEach(what -> out.append("         loss: %s%n".formatted(what)));
    }

    private void reload(int priority) {
        RoleConfig c = config;
        RoleConfig base = ToyPair.config(
                c.node(),
                c.name(),
                c.preferred(),
                priority,
                c.peers().getFirst().node(),
                c.peers().getFirst().name(),
                c.timing(),
                c.fence(),
                c.probeVips());
        config = ToyPair.with(base, c.beforeHooks(), c.failBack(), c.flap());
        config = ToyPair.with(config, c.limits().countdownNs());
        take(new RoleEvent.Reconfigured("priority"));
    }

    private void hear(String[] words) {
        List<String> list = Arrays.asList(words);
        long term = value(list, "term", 0);
        Handover.Kind kind = Handover.Kind.NONE;
        for (Handover.Kind one : Handover.Kind.values()) {
            kind = list.contains(one.name()) ? one : kind;
        }
        Readiness readiness = list.contains("READY") ? Readiness.READY : Readiness.SYNCING;
        long sent = state.peers().getFirst().sending().counter();
        Role role = Role.valueOf(words[1]);
        heardCounter++;
        take(new RoleEvent.HeartbeatHeard(
                config.peers().getFirst().node(),
                1,
                0,
                new Heartbeat(
                        heardCounter,
                        list.contains("noack") ? 0 : sent,
                        term,
                        role,
                        readiness,
                        (int) value(list, "priority", 100),
                        !list.contains("noack"),
                        list.contains("gate"),
                        list.contains("alone"),
                        list.contains("urgent"),
                        list.contains("blind"),
                        value(list, "tenure", role == Role.MASTER ? 1 : 0),
                        new Handover(kind, value(list, "grant", 0), value(list, "token", 0), (int)
                                value(list, "reason", 0)))));
    }

    private static long value(List<String> words, String name, long absent) {
        for (String word : words) {
            if (word.startsWith(name + "=")) {
                return number(word.substring(name.length() + 1));
            }
        }
        return absent;
    }

    private static long number(String word) {
        return Long.parseLong(word);
    }

    private void runUntil(long untilNs) {
        for (int steps = 0; ; steps++) {
            Check.that(steps < 10_000, "the protocol spins");
            long answerNs = answers.isEmpty() ? Long.MAX_VALUE : nowNs + MS;
            long nextNs = Math.min(answerNs, Math.max(state.wakeAtNs(), nowNs));
            if (nextNs > untilNs) {
                nowNs = Math.max(nowNs, untilNs);
                return;
            }
            nowNs = nextNs;
            if (nextNs == answerNs) {
                take(answers.poll());
            } else {
                take(new RoleEvent.Tick(nowNs - state.wakeAtNs()));
            }
        }
    }

    private void take(RoleEvent event) {
        Step step = RoleProtocol.step(state, event, nowNs, config);
        state = step.state();
        for (RoleEffect effect : step.effects()) {
            show(effect);
            token(effect);
        }
    }

    private void token(RoleEffect effect) {
        switch (effect) {
            case RoleEffect.PersistTerm e -> answer(e.token(), EffectKind.PERSIST_TERM, Counts.NONE);
            case RoleEffect.OpenGate e -> answer(e.token(), EffectKind.OPEN_GATE, Counts.NONE);
            case RoleEffect.DrainInjector e -> answer(e.token(), EffectKind.DRAIN_INJECTOR, new Counts(1000, 990, 10));
            case RoleEffect.BecomeSource e -> answer(e.token(), EffectKind.BECOME_SOURCE, Counts.NONE);
            case RoleEffect.BecomeMirror e -> answer(e.token(), EffectKind.BECOME_MIRROR, Counts.NONE);
            case RoleEffect.AddVips e -> answer(e.token(), EffectKind.ADD_VIPS, Counts.NONE);
            case RoleEffect.RefreshVips e -> answer(e.token(), EffectKind.REFRESH_VIPS, Counts.NONE);
            case RoleEffect.BeforeHooks e -> answer(e.token(), EffectKind.BEFORE_HOOKS, Counts.NONE);
            case RoleEffect.PersistMaintenance e -> answer(e.token(), EffectKind.PERSIST_MAINTENANCE, Counts.NONE);
            case RoleEffect.RemoveVips e -> answer(e.token(), EffectKind.REMOVE_VIPS, Counts.NONE);
            case RoleEffect.AnnounceVips e -> answer(e.token(), EffectKind.ANNOUNCE_VIPS, Counts.NONE);
            case RoleEffect.CorrectTimeouts e -> answer(e.token(), EffectKind.CORRECT_TIMEOUTS, Counts.NONE);
            case RoleEffect.SendBarrier e -> answer(e.token(), EffectKind.SEND_BARRIER, Counts.NONE);
            case RoleEffect.AskReach e -> {
                if (!mute) {
                    answers.add(new RoleEvent.ReachAnswered(nowNs, nowNs + MS));
                }
            }
            default -> {
                // carries none
            }
        }
    }

    private void answer(long token, EffectKind kind, Counts counts) {
        if (held.containsKey(kind.name())) {
            held.put(kind.name(), token);
        } else {
            answers.add(new RoleEvent.EffectDone(token, kind, true, "", counts));
        }
    }

    private void show(RoleEffect effect) {
        String text = switch (effect) {
            case RoleEffect.SendHeartbeat e -> said(e.heartbeat());
            case RoleEffect.RenewLease e -> "RenewLease" + (e.armed() ? " armed" : " disarmed");
            case RoleEffect.OpenGate e -> "OpenGate" + (e.armed() ? " armed" : " disarmed");
            case RoleEffect.Transition e -> e.from() + " -> " + e.to() + " term " + e.term() + ": " + e.reason();
            case RoleEffect.Alarm e -> "ALARM " + e.code() + ": " + e.text();
            case RoleEffect.Answer e -> "Answer " + (e.accepted() ? "yes: " : "no: ") + e.reason();
            case RoleEffect.ReportTakeover e -> report(e.takeover());
            case RoleEffect.PersistTerm e -> "PersistTerm " + e.term();
            case RoleEffect.BecomeSource e -> "BecomeSource term " + e.term();
            case RoleEffect.BecomeMirror e -> "BecomeMirror of " + e.peer() + " term " + e.term();
            case RoleEffect.AddVips e -> "AddVips" + (e.armed() ? " armed" : " disarmed");
            case RoleEffect.RefreshVips e -> "RefreshVips" + (e.armed() ? " armed" : " disarmed");
            case RoleEffect.PersistMaintenance e -> "PersistMaintenance " + (e.on() ? "on" : "off");
            case RoleEffect.AnnounceVips e -> "AnnounceVips round " + e.round();
            default -> effect.getClass().getSimpleName();
        };
        if (effect instanceof RoleEffect.SendHeartbeat || effect instanceof RoleEffect.RenewLease) {
            if (!all && lastSaid.contains("|" + text + "|")) {
                return;
            }
            boolean renewal = effect instanceof RoleEffect.RenewLease;
            String keep = renewal ? "|Heartbeat" : "|RenewLease";
            String kept =
                    lastSaid.lines().filter(l -> l.startsWith(keep)).findFirst().orElse("");
            lastSaid = "|" + text + "|\n" + kept;
        }
        out.append("%6.1f < %s%n".formatted(nowNs / 1e6, text));
    }

    private static String report(Takeover t) {
        StringBuilder text = new StringBuilder("Report ").append(t.planned() ? "planned" : "unplanned");
        text.append(" term ")
                .append(t.term())
                .append(" detect ")
                .append(t.detectNs() / MS)
                .append(" total ");
        text.append(t.totalNs() / MS).append(" ms");
        t.phases()
                .forEach(p -> text.append(' ')
                        .append(p.phase())
                        .append(p.ok() ? " " : " FAILED ")
                        .append(p.tookNs() / MS));
        return text.append(' ').append(t.counts()).toString();
    }

    private String said(Heartbeat h) {
        String handover = h.handover().kind() == Handover.Kind.NONE
                ? ""
                : " " + h.handover().kind() + " term=" + h.handover().term() + " reason="
                        + h.handover().reason();
        return "Heartbeat " + h.role() + " term " + h.term() + " " + h.readiness() + (h.gateOpen() ? " gate" : "")
                + (h.alone() ? " alone" : "") + (h.blind() ? " blind" : "") + (h.hearsPeer() ? "" : " deaf")
                + (all && h.urgent() ? " urgent" : "")
                + (h.priority() == 100 ? "" : " health " + h.priority()) + handover;
    }
}
