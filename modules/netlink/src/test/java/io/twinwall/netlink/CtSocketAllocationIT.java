/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.netlink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.testkit.AllocationMeter;
import io.twinwall.testkit.NetNsExtension;
import io.twinwall.testkit.RequireRoot;
import io.twinwall.testkit.TestNet;
import org.agrona.DirectBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The whole way through the socket: batches of updates sent, and their events and answers received. */
@RequireRoot
@ExtendWith(NetNsExtension.class)
class CtSocketAllocationIT {
    private static final int BATCH = 16;
    private static final int BATCHES = 500;

    private final NlDatagramHandler onEvents = this::onEvents;
    private final NlDatagramHandler onAnswers = this::onAnswers;
    private final NlReader reader = new NlReader();
    private final NlError error = new NlError();
    private CtKernel kernel;
    private NlSocket listener;
    private CtSpec[] specs;
    private int batchBytes;
    private int events;
    private boolean answered;

    @BeforeEach
    void open(TestNet net) {
        kernel = new CtKernel(net);
        listener = kernel.open(64, 4096);
        assertEquals(0, listener.setReceiveBuffer(8 << 20));
        specs = new CtSpec[BATCH];
        for (int i = 0; i < BATCH; i++) {
            specs[i] = CtSpec.tcp4("flow", 3000 + i);
            specs[i].encodeCreate(kernel.encoder, i == BATCH - 1 ? NlConst.NLM_F_ACK : 0, 1);
        }
        kernel.exchange(1);
        assertEquals(0, listener.join(NlConst.NFNLGRP_CONNTRACK_UPDATE));
        for (int i = 0; i < BATCH; i++) {
            kernel.encoder.beginUpdate(i == BATCH - 1 ? NlConst.NLM_F_ACK : 0, 1, specs[i].family());
            specs[i].encodeKey(kernel.encoder).timeoutS(500).mark(0).end();
        }
        batchBytes = kernel.encoder.length();
    }

    @AfterEach
    void close() {
        kernel.close();
    }

    @Test
    void shouldAllocateNothingWhenSendingAndReceiving() {
        AllocationMeter.assertSteady(0, 20, this::run);
        assertTrue(events >= BATCH * BATCHES, () -> "events " + events);
    }

    private void run() {
        for (int i = 0; i < BATCHES; i++) {
            answered = false;
            if (kernel.socket.send(kernel.buffer, 0, batchBytes) != batchBytes) {
                throw new AssertionError("send");
            }
            while (!answered) {
                if (kernel.socket.poll(onAnswers) == 0) {
                    kernel.socket.await(1_000);
                }
            }
            int received = listener.poll(onEvents);
            while (received > 0) {
                received = listener.poll(onEvents);
            }
            if (received < 0) {
                throw new AssertionError("events lost");
            }
        }
    }

    private void onAnswers(DirectBuffer buffer, int offset, int length) {
        reader.wrap(buffer, offset, length);
        while (reader.next()) {
            answered |= error.wrap(reader);
        }
    }

    private void onEvents(DirectBuffer buffer, int offset, int length) {
        reader.wrap(buffer, offset, length);
        while (reader.next()) {
            if (!kernel.ct.wrap(buffer, reader.offset(), reader.length())) {
                throw new AssertionError(kernel.ct.reason());
            }
            events++;
        }
    }
}
