/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.admin.AdminClient;
import io.twinwall.admin.Json;
import io.twinwall.base.ExitCode;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code twinwall flows}: what this node's table holds, with conntrack(8)'s options for choosing and showing it. */
@Command(
        name = "flows",
        description = {
            "List or count the flows this node's table holds, as conntrack(8) would. All conditions must hold;",
            "addresses and ports are those of the original direction, before any translation."
        })
final class CliFlowsVerb extends Cli.Asking {
    private static final int LIMIT_MAX = 10_000;

    /** How flows are printed. */
    enum Output {
        EXTENDED,
        JSON
    }

    @Spec
    private CommandSpec spec;

    @Option(
            names = {"-f", "--family"},
            paramLabel = "FAMILY",
            description = "ipv4 or ipv6.")
    private String family;

    @Option(
            names = {"-p", "--proto", "--protonum"},
            paramLabel = "PROTOCOL",
            description = "tcp, udp, icmp, icmpv6, sctp, dccp, udplite, gre, esp, ah, or a number.")
    private String protocol;

    @Option(
            names = {"-s", "--src", "--orig-src"},
            paramLabel = "NET",
            description = "The client's address, or a net it lies in.")
    private String src;

    @Option(
            names = {"-d", "--dst", "--orig-dst"},
            paramLabel = "NET",
            description = "The address it spoke to, or a net.")
    private String dst;

    @Option(
            names = {"-r", "--reply-src"},
            paramLabel = "NET",
            description = "Where the answers come from.")
    private String replySrc;

    @Option(
            names = {"-q", "--reply-dst"},
            paramLabel = "NET",
            description = "Where the answers go to.")
    private String replyDst;

    @Option(
            names = {"--sport", "--orig-port-src"},
            paramLabel = "PORT",
            description = "The client's port, or a range: 8000-8099.")
    private String sport;

    @Option(
            names = {"--dport", "--orig-port-dst"},
            paramLabel = "PORT",
            description = "The port it spoke to, or a range.")
    private String dport;

    @Option(names = "--state", paramLabel = "STATE", description = "Of a TCP or SCTP connection: ESTABLISHED, ...")
    private String state;

    @Option(
            names = {"-u", "--status"},
            paramLabel = "STATUS",
            description = "Some of SEEN_REPLY,ASSURED,SRC_NAT,DST_NAT,FIXED_TIMEOUT,UNREPLIED.")
    private String status;

    @Option(
            names = {"-m", "--mark"},
            paramLabel = "MARK[/MASK]",
            description = "The mark, or what it is under a mask.")
    private String mark;

    @Option(
            names = {"-w", "--zone"},
            paramLabel = "ZONE",
            description = "The conntrack zone, in whichever direction; 0: none.")
    private String zone;

    @Option(
            names = {"-n", "--src-nat"},
            paramLabel = "NET",
            arity = "0..1",
            fallbackValue = FlowQuery.ANY,
            description = "Translated at the source; to an address, or a net.")
    private String srcNat;

    @Option(
            names = {"-g", "--dst-nat"},
            paramLabel = "NET",
            arity = "0..1",
            fallbackValue = FlowQuery.ANY,
            description = "Translated at the destination; to an address, or a net.")
    private String dstNat;

    @Option(
            names = {"-j", "--any-nat"},
            description = "Translated in any way.")
    private boolean anyNat;

    @Option(
            names = {"-C", "--count"},
            description = "Only say how many there are, without a limit.")
    private boolean count;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            split = ",",
            description = "extended (with the family) or json.")
    private List<Output> output = List.of();

    @Option(names = "--limit", paramLabel = "N", description = "List at most N, 1..10000 (default: ${DEFAULT-VALUE}).")
    private int limit = 1000;

    @Option(
            names = "--at",
            paramLabel = "TIME",
            description = "Those that this node knew then, from a journal with deltas = true: " + CliTime.FORMS + ".")
    private String at;

    @Option(
            names = "--journal",
            paramLabel = "DIR",
            description = "Where that journal is (default: as the configuration says).")
    private Path journal;

    @Override
    ExitCode ask(AdminClient client) {
        Cli.require(spec, "--limit", limit, LIMIT_MAX);
        Map<String, String> conditions = conditions();
        FlowQuery query = query(conditions);
        if (at != null) {
            return then(query);
        }
        if (journal != null) {
            throw new ParameterException(spec.commandLine(), "--journal: only with --at");
        }
        AdminClient.Reply reply = client.get("/v1/flows?" + request(conditions));
        if (asJson()) {
            print(CliClient.body(reply));
            return ExitCode.OK;
        }
        CliFlows answer = CliClient.read(reply, CliFlows.class);
        if (count) {
            print(String.valueOf(answer.count()));
            return ExitCode.OK;
        }
        String text = answer.text(output.contains(Output.EXTENDED));
        if (!text.isEmpty()) {
            print(text);
        }
        remark("twinwall: " + answer.flows().size() + " flows shown"
                + (answer.more() ? "; there are more: --limit N, at most " + LIMIT_MAX + ", or --count" : ""));
        return ExitCode.OK;
    }

    /** Rebuilt in this process, from the journal's files; no daemon is asked. */
    private ExitCode then(FlowQuery query) {
        ZonedDateTime now = ZonedDateTime.now(ZoneId.systemDefault());
        long atMs = CliTime.of(spec, "--at", at, now);
        Path from = journal == null ? config().journal().directory() : journal;
        CliFlowsAt answer = CliFlowsAt.of(from, atMs, query, count ? 0 : limit);
        if (asJson()) {
            print(Json.text(answer));
        } else if (count) {
            print(String.valueOf(answer.count()));
        } else {
            print(answer.text(now, output.contains(Output.EXTENDED)));
        }
        return ExitCode.OK;
    }

    private boolean asJson() {
        return json() || output.contains(Output.JSON);
    }

    private FlowQuery query(Map<String, String> conditions) {
        try {
            return FlowQuery.of(conditions);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }

    private String request(Map<String, String> conditions) {
        Map<String, String> query = new LinkedHashMap<>(conditions);
        query.put("limit", String.valueOf(count ? 0 : limit));
        if (count) {
            query.put("count", "true");
        }
        List<String> pairs = new ArrayList<>();
        query.forEach((name, value) -> pairs.add(name + "=" + URLEncoder.encode(value, StandardCharsets.UTF_8)));
        return String.join("&", pairs);
    }

    private Map<String, String> conditions() {
        Map<String, String> given = new LinkedHashMap<>();
        given.put("family", family);
        given.put("protocol", protocol);
        given.put("src", src);
        given.put("dst", dst);
        given.put("reply-src", replySrc);
        given.put("reply-dst", replyDst);
        given.put("sport", sport);
        given.put("dport", dport);
        given.put("state", state);
        given.put("status", status);
        given.put("mark", mark);
        given.put("zone", zone);
        given.put("src-nat", srcNat);
        given.put("dst-nat", dstNat);
        given.put("any-nat", anyNat ? FlowQuery.ANY : null);
        given.values().removeIf(value -> value == null);
        return given;
    }
}
