/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;

/**
 * A node's answer to {@code GET /v1/flows}.
 *
 * @param more others match, beyond the limit
 * @param count all that match, where that was asked for
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record CliFlows(List<Flow> flows, boolean more, Long count) {
    /**
     * One conntrack entry, in the words of conntrack(8).
     *
     * @param state TCP or SCTP state; null for the protocols without
     * @param status names of the IPS_ bits that are set, without the prefix
     * @param helper null for flows without
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Flow(
            String family,
            String protocol,
            int protocolNumber,
            long timeoutS,
            String state,
            Tuple orig,
            Tuple reply,
            List<String> status,
            long mark,
            int zone,
            String helper) {}

    /** One direction; null for what the protocol has not. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Tuple(String src, String dst, Integer sport, Integer dport, Integer type, Integer code, Integer id) {}

    /** One line a flow, as {@code conntrack -L} prints it; with the family first, as {@code -o extended} does. */
    public String text(boolean extended) {
        StringBuilder text = new StringBuilder();
        for (Flow flow : flows) {
            if (extended) {
                text.append(
                        CliRows.format("%-8s %2d ", flow.family(), flow.family().equals("ipv6") ? 10 : 2));
            }
            line(text, flow);
        }
        return text.toString();
    }

    private static void line(StringBuilder text, Flow flow) {
        List<String> status = flow.status() == null ? List.of() : flow.status();
        text.append(CliRows.format("%-8s %d %d ", flow.protocol(), flow.protocolNumber(), flow.timeoutS()));
        if (flow.state() != null) {
            text.append(flow.state()).append(' ');
        }
        tuple(text, flow.orig());
        if (!status.contains("SEEN_REPLY")) {
            text.append("[UNREPLIED] ");
        }
        tuple(text, flow.reply());
        if (status.contains("ASSURED")) {
            text.append("[ASSURED] ");
        }
        text.append("mark=").append(flow.mark());
        if (flow.zone() != 0) {
            text.append(" zone=").append(flow.zone());
        }
        if (flow.helper() != null) {
            text.append(" helper=").append(flow.helper());
        }
        text.append('\n');
    }

    private static void tuple(StringBuilder text, Tuple tuple) {
        text.append("src=")
                .append(tuple.src())
                .append(" dst=")
                .append(tuple.dst())
                .append(' ');
        part(text, "sport", tuple.sport());
        part(text, "dport", tuple.dport());
        part(text, "type", tuple.type());
        part(text, "code", tuple.code());
        part(text, "id", tuple.id());
    }

    private static void part(StringBuilder text, String name, Integer value) {
        if (value != null) {
            text.append(name).append('=').append(value).append(' ');
        }
    }
}
