/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.linux.NetNs;
import io.twinwall.testkit.Await;
import io.twinwall.testkit.Cmd;
import io.twinwall.testkit.RequireRoot;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Expectations of helpers over UDP: TFTP's one, and SIP's, of a class of its own and two at a time. */
@RequireRoot
class ExpectedDatagramsIT {
    private static final int TIMEOUT_MS = 2_000;
    private static final int TFTP_PORT = 6901;
    private static final int SIP_PORT = 5060;
    private static final int RTP_PORT = 20_000;
    private static final byte[] READ_REQUEST = "\0\1file\0octet\0".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] VOICE = "voice".getBytes(StandardCharsets.US_ASCII);
    private static final Pattern CALL = Pattern.compile("c=IN IP4 (\\S+).*m=audio (\\d+) ", Pattern.DOTALL);

    private NatLab lab;
    private KernelPair pair;

    @BeforeEach
    void open() {
        lab = new NatLab();
    }

    private void start(boolean mirrored) {
        pair = mirrored
                ? new KernelPair(lab.a, lab.b, KernelPair.EVENT_BUFFER_BYTES)
                : KernelPair.withoutExpectations(lab.a, lab.b);
        pair.start();
    }

    @AfterEach
    void close() {
        try {
            pair.close();
        } finally {
            lab.close();
        }
    }

    /** The control is the same with expectations left out. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldLetATftpServerAnswerFromAnotherPortAfterTheTakeover(boolean mirrored) throws Exception {
        start(mirrored);
        try (DatagramSocket client = socket(lab.client, NatLab.CLIENT, 0);
                DatagramSocket server = socket(lab.server, NatLab.SERVER, TFTP_PORT);
                DatagramSocket transfer = socket(lab.server, NatLab.SERVER, 0)) {
            client.send(new DatagramPacket(
                    READ_REQUEST, READ_REQUEST.length, InetAddress.ofLiteral(NatLab.SERVER), TFTP_PORT));
            InetSocketAddress asked = (InetSocketAddress) receive(server).getSocketAddress();
            assertEquals(InetAddress.ofLiteral(NatLab.TRANSLATED), asked.getAddress());
            takeOverWith(1, mirrored);
            transfer.send(new DatagramPacket(VOICE, VOICE.length, asked));
            DatagramPacket answer = receive(client);
            assertEquals(mirrored, answer != null, "the answer");
            assertTrue(!mirrored || answer.getPort() == transfer.getLocalPort());
        }
    }

    /** The control is the same with expectations left out. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldLetTheVoiceOfACallThroughThatWasAnnouncedBefore(boolean mirrored) throws Exception {
        start(mirrored);
        try (DatagramSocket client = socket(lab.client, NatLab.CLIENT, SIP_PORT);
                DatagramSocket voice = socket(lab.client, NatLab.CLIENT, RTP_PORT);
                DatagramSocket server = socket(lab.server, NatLab.SERVER, SIP_PORT);
                DatagramSocket speaker = socket(lab.server, NatLab.SERVER, 30_000)) {
            byte[] invite = invite().getBytes(StandardCharsets.US_ASCII);
            client.send(new DatagramPacket(invite, invite.length, InetAddress.ofLiteral(NatLab.SERVER), SIP_PORT));
            DatagramPacket arrived = receive(server);
            assertNotNull(arrived, "the invitation");
            Matcher call =
                    CALL.matcher(new String(arrived.getData(), 0, arrived.getLength(), StandardCharsets.US_ASCII));
            assertTrue(call.find());
            assertEquals(NatLab.TRANSLATED, call.group(1), "rewritten");
            // RTP and RTCP.
            takeOverWith(2, mirrored);
            speaker.send(new DatagramPacket(
                    VOICE, VOICE.length, InetAddress.ofLiteral(call.group(1)), Integer.parseInt(call.group(2))));
            assertEquals(mirrored, receive(voice) != null, "the voice");
        }
    }

    private void takeOverWith(int expectations, boolean mirrored) {
        Await.until(
                expectations + " expectations",
                KernelPair.DEADLINE,
                () -> expected(lab.a).size() == expectations
                        && (!mirrored || expected(lab.a).equals(expected(lab.b))));
        pair.a.barrier();
        pair.takeOver();
        lab.cutA();
        lab.moveToB();
    }

    private static List<String> expected(String netNs) {
        return Cmd.in(netNs, "conntrack", "-L", "expect")
                .lines()
                .map(line -> line.replaceFirst("^\\d+ ", ""))
                .sorted()
                .toList();
    }

    private static String invite() {
        String body = """
                v=0
                o=- 1 1 IN IP4 10.1.0.2
                s=-
                c=IN IP4 10.1.0.2
                t=0 0
                m=audio 20000 RTP/AVP 0
                """.replace("\n", "\r\n");
        return """
                INVITE sip:bob@192.0.2.2 SIP/2.0
                Via: SIP/2.0/UDP 10.1.0.2:5060;branch=z9hG4bK1
                From: <sip:alice@10.1.0.2>;tag=1
                To: <sip:bob@192.0.2.2>
                Call-ID: 1@10.1.0.2
                CSeq: 1 INVITE
                Contact: <sip:alice@10.1.0.2:5060>
                Content-Type: application/sdp
                Content-Length: %d

                """.formatted(body.length()).replace("\n", "\r\n") + body;
    }

    private static DatagramSocket socket(String netNs, String address, int port) throws Exception {
        DatagramSocket socket = NetNs.call(netNs, () -> new DatagramSocket(port, InetAddress.ofLiteral(address)));
        socket.setSoTimeout(TIMEOUT_MS);
        return socket;
    }

    private static DatagramPacket receive(DatagramSocket socket) throws IOException {
        DatagramPacket packet = new DatagramPacket(new byte[2048], 2048);
        try {
            socket.receive(packet);
        } catch (SocketTimeoutException e) {
            return null;
        }
        return packet;
    }
}
