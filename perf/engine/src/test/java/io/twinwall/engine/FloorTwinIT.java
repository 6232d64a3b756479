/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.twinwall.conntracksync.TwinSums;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A twin that does something else is no floor. */
class FloorTwinIT {
    @Test
    void shouldReadAndWriteTheVeryBytesOfTheProgram() {
        Floors floors = Floors.measure(true);
        assertFalse(floors.nsByName().isEmpty(), floors.remark());
        Map<String, String> program = Map.of(
                "events", TwinSums.events(),
                "payloads", TwinSums.payloads(),
                "requests", TwinSums.requests(),
                "digests", TwinSums.digests());
        assertEquals(program, floors.sums());
    }
}
