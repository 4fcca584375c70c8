package dev.quintet.relay.mailbox;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quintet.protocol.AccountId;
import dev.quintet.protocol.EnvelopeHeader;
import dev.quintet.protocol.EnvelopeId;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class HotTierTest {
    private static final int ENTRY_BYTES = 100;
    private static final EnvelopeHeader HEADER =
            new EnvelopeHeader(new AccountId(1, 1), 1, new EnvelopeId(1, 1), 0, 0, false);

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();

    private HotTier tier(int entries) {
        return new HotTier(entries * ENTRY_BYTES, 0, meters);
    }

    private static HotEntry put(HotTier tier, long position) {
        return tier.put(position, HEADER, Unpooled.buffer(ENTRY_BYTES), 1);
    }

    private double heldBytes() {
        return meters.get("quintet.hot.tier.bytes").gauge().value();
    }

    @Test
    void releasesANewcomerThatNobodyHoldsAnyMore() {
        HotTier tier = tier(100);
        HotEntry first = put(tier, 1);
        HotEntry second = put(tier, 2);
        HotEntry third = put(tier, 3);
        assertThat(heldBytes()).isEqualTo(3 * ENTRY_BYTES);

        for (HotEntry entry : List.of(second, first, third)) {
            ByteBuf bytes = tier.bytes(entry);
            tier.letGo(entry);
            assertThat(bytes.refCnt()).isZero();
            assertThat(tier.bytes(entry)).isNull();
        }
        assertThat(heldBytes()).isZero();
        tier.close();
    }

    @Test
    void keepsAnEntryUntilItsLastHolderLetsGo() {
        HotTier tier = tier(100);
        HotEntry entry = tier.put(1, HEADER, Unpooled.buffer(ENTRY_BYTES), 2);
        tier.letGo(entry);
        assertThat(tier.bytes(entry)).isNotNull();
        tier.letGo(entry);
        assertThat(tier.bytes(entry)).isNull();
        tier.close();
    }

    @Test
    void keepsWhatIsNoNewcomerAnyMoreWhileThereIsRoom() {
        HotTier tier = tier(100);
        List<HotEntry> entries = new ArrayList<>();
        for (int position = 0; position < 60; position++) {
            entries.add(put(tier, position));
        }
        assertThat(entries).filteredOn(HotEntry::isNewcomer).isEqualTo(entries.subList(60 - 25, 60));
        assertThat(entries).allMatch(entry -> tier.bytes(entry) != null);

        entries.forEach(tier::letGo);
        assertThat(entries).allMatch(entry -> tier.bytes(entry) == null);
        assertThat(heldBytes()).isZero();
        tier.close();
    }

    @Test
    void neverHoldsMoreThanItsLimitAndReleasesAllAtTheEnd() {
        HotTier tier = tier(100);
        Random random = new Random(1);
        List<HotEntry> entries = new ArrayList<>();
        List<ByteBuf> buffers = new ArrayList<>();
        for (int position = 0; position < 2_000; position++) {
            entries.add(put(tier, position));
            buffers.add(entries.get(entries.size() - 1).bytes());
            if (random.nextBoolean()) {
                tier.letGo(entries.remove(random.nextInt(entries.size())));
            }
            assertThat(buffers).filteredOn(buffer -> buffer.refCnt() > 0).hasSizeLessThanOrEqualTo(100);
        }
        assertThat(buffers).filteredOn(buffer -> buffer.refCnt() > 0).hasSizeGreaterThan(50);

        tier.close();
        assertThat(buffers).allMatch(buffer -> buffer.refCnt() == 0);
        assertThat(heldBytes()).isZero();
    }

    /** What is evicted leaves in no order; buffers that are given back only in whole chunks would pile up. */
    @Test
    void takesHardlyMoreMemoryThanItCounts() {
        long before = usedBytes();
        HotTier tier = new HotTier(16 << 20, 0, meters);
        Random random = new Random(1);
        for (int position = 0; position < 100_000; position++) {
            ByteBuf bytes = HotTier.BUFFERS.directBuffer(5_000 + random.nextInt(1_000));
            tier.bytes(tier.put(position, HEADER, bytes, 1));
        }

        assertThat(usedBytes() - before).isLessThan(32 << 20);
        tier.close();
    }

    private static long usedBytes() {
        return ((ByteBufAllocatorMetricProvider) HotTier.BUFFERS).metric().usedDirectMemory();
    }
}
