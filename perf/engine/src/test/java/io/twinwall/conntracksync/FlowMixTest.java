/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.engine.FlowMix;
import io.twinwall.flowtable.FlowImage;
import io.twinwall.netlink.CtEncoder;
import io.twinwall.netlink.CtFlyweight;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

class FlowMixTest {
    private static final int NUMBERS = 100_000;

    @Test
    void shouldGiveTheImageThatItsEventIsReadInto() {
        FlowMix mix = new FlowMix();
        UnsafeBuffer message = new UnsafeBuffer(new byte[CtEncoder.MESSAGE_BYTES_MAX]);
        CtEncoder encoder = new CtEncoder();
        CtFlyweight entry = new CtFlyweight();
        FlowImage read = new FlowImage();
        FlowImage given = new FlowImage();
        for (int number = 0; number < NUMBERS; number += 7) {
            int mark = number % 3;
            mix.event(encoder.wrap(message, 0, message.capacity()), number, false, mark);
            assertTrue(entry.wrap(message, 0, encoder.length()), () -> "refused: " + entry.reason());
            CtImage.read(entry, read);
            mix.image(given, number, mark);
            assertEquals(given.toString(), read.toString());
        }
    }
}
