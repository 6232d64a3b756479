/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.flowtable;

import io.twinwall.engine.FlowMix;
import io.twinwall.engine.HeldFlows;
import io.twinwall.engine.ImageBatch;
import io.twinwall.linux.AnonymousMapping;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** A flow's content is hashed, and the sum of its bucket goes from the hash before to this one. */
@State(Scope.Thread)
public class DigestBenchmark {
    private static final int BUCKET_BITS = 12;
    private static final int CONTENT = FlowImage.ALL & ~FlowImage.ORIG;

    private final int[] flowSlots = new int[ImageBatch.FLOWS];
    private final BucketDigests digests = new BucketDigests(BUCKET_BITS);
    private AnonymousMapping memory;
    private Slots slots;
    private ContentHash hash;

    @Setup
    public void hold() {
        memory = new AnonymousMapping();
        slots = new Slots(memory, HeldFlows.FLOWS_MAX);
        ExtensionPool extensions = new ExtensionPool(memory, HeldFlows.FLOWS_MAX);
        SlotCodec codec = new SlotCodec(slots, extensions);
        hash = new ContentHash(
                new FlowTableConfig(HeldFlows.FLOWS_MAX, BUCKET_BITS, HeldFlows.HASH_SEED), slots, extensions);
        KeyHash keyHash = new KeyHash(HeldFlows.HASH_SEED);
        FlowMix mix = new FlowMix();
        FlowImage image = new FlowImage();
        for (int number = 0; number < ImageBatch.FLOWS; number++) {
            mix.image(image, number, 0);
            int slot = slots.allocate(image.isIpv6());
            codec.writeKey(slot, image);
            codec.write(slot, image, CONTENT, HeldFlows.NOW_MS);
            slots.putInt(slot, SlotLayout.KEY_HASH, keyHash.of(image));
            flowSlots[number] = slot;
        }
    }

    @Benchmark
    @OperationsPerInvocation(ImageBatch.FLOWS)
    public long digest() {
        for (int slot : flowSlots) {
            int keyHash = slots.getInt(slot, SlotLayout.KEY_HASH);
            digests.subtract(keyHash, slots.getLong(slot, SlotLayout.CONTENT_HASH));
            long content = hash.of(slot);
            slots.putLong(slot, SlotLayout.CONTENT_HASH, content);
            digests.add(keyHash, content);
        }
        return digests.sum(0);
    }

    @TearDown
    public void close() {
        memory.close();
    }
}
