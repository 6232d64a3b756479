/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.alerts;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AlertTextTest {
    private static final Origin ORIGIN = new Origin("fw-a", "fw-b", "MASTER", 7);

    @Test
    void shouldTellTheMainThingInOneLine() {
        assertEquals(
                "[twinwall] fw-a WARNING peer-lost: fw-b is not heard",
                AlertText.subject(message(Notice.State.OPENED, "fw-b is not heard")));
        assertEquals(
                "[twinwall] fw-a STILL WARNING peer-lost: fw-b is not heard",
                AlertText.subject(message(Notice.State.OPEN, "fw-b is not heard")));
        assertEquals(
                "[twinwall] fw-a RECOVERED peer-lost: fw-b is not heard",
                AlertText.subject(message(Notice.State.RECOVERED, "fw-b is not heard")));
    }

    @Test
    void shouldTellTheRestToAPerson() {
        assertEquals("""
                fw-b is not heard

                what to do: Look at the other host, its agent and the heartbeat paths. There is no standby until it is back.
                kind: peer-lost
                severity: warning
                state: opened
                for: 1 h 1 min
                times: 3
                node: fw-a, MASTER, term 7; peer fw-b
                time: 2026-11-21T19:46:40.123Z
                id: fw-a-1
                """, AlertText.body(message(Notice.State.OPENED, "fw-b is not heard")));
    }

    @Test
    void shouldGiveProgramsEveryField() {
        String json = AlertText.json(message(Notice.State.OPEN, "a \"quoted\" back\\slash"));
        assertEquals(
                "{\"id\":\"fw-a-1\",\"time\":\"2026-11-21T19:46:40.123Z\",\"node\":\"fw-a\",\"peer\":\"fw-b\","
                        + "\"role\":\"MASTER\",\"term\":7,\"kind\":\"peer-lost\",\"subject\":\"\",\"severity\":\"warning\","
                        + "\"state\":\"open\",\"text\":\"a \\\"quoted\\\" back\\\\slash\",\"advice\":\""
                        + AlertKind.PEER_LOST.advice() + "\",\"times\":3,\"seconds\":3660}",
                json);
    }

    @Test
    void shouldNameTheVariablesAsHooksDo() {
        var environment = AlertText.environment(message(Notice.State.OPEN, "x"));
        assertEquals("fw-a", environment.get("TWINWALL_NODE"));
        assertEquals("7", environment.get("TWINWALL_TERM"));
        assertEquals("peer-lost", environment.get("TWINWALL_ALERT_KIND"));
        assertEquals("3660", environment.get("TWINWALL_ALERT_SECONDS"));
        assertEquals(14, environment.size());
    }

    @Test
    void shouldLetNothingThroughThatAHeaderOrATerminalWouldObey() {
        String nasty = "a\r\nBcc: all@example.net\n\u001b[2J\u0000\u202e end  ";
        String visible = AlertText.visible(nasty);
        assertEquals("a / Bcc: all@example.net / ?[2J?? end", visible);
        assertEquals(1_003, AlertText.visible("x".repeat(1_000_000)).length());
        assertEquals(visible, new AlertFact.Happened(AlertKind.LATE, "", nasty).text());
    }

    @Test
    void shouldHaveWordsAndAdviceForEachKind() {
        for (AlertKind kind : AlertKind.values()) {
            assertTrue(kind.word().matches("[a-z]+(-[a-z]+)*"), kind.word());
            assertTrue(kind.advice().length() > 10, kind.word());
        }
        assertFalse(AlertKind.choice().contains(AlertKind.TEST));
    }

    @Test
    void shouldNotShowWhatMayBeSecretInAnAddress() {
        AlertSpec.Webhook hook = new AlertSpec.Webhook(
                URI.create("https://hooks.example.net:8443/T01/very-secret?key=also"),
                Optional.empty(),
                Optional.empty());
        assertEquals("https://hooks.example.net:8443", hook.where());
    }

    private static Message message(Notice.State state, String text) {
        Notice notice = new Notice(state, AlertKind.PEER_LOST, "", text, 3, 3_660_000_000_000L);
        return new Message("fw-a-1", 1_795_290_400_123L, ORIGIN, notice);
    }
}
