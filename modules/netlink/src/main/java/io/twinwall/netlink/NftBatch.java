/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.netlink;

import io.twinwall.base.Check;
import java.util.ArrayList;
import java.util.List;
import org.agrona.MutableDirectBuffer;

/**
 * One nf_tables transaction: what is written between {@link #begin} and {@link #end} takes effect at once and whole, or
 * not at all.
 *
 * <pre>
 *   BATCH_BEGIN (seq n) | change (n+1) | change (n+2) | ... | last change (acknowledged) | BATCH_END
 * </pre>
 *
 * Remembers in words what each change was, so that the kernel's refusal of number n can name it. Control plane: one
 * thread, allocates; the buffer is the caller's and must be off-heap to be sent.
 */
public final class NftBatch {
    private static final int CREATE = NlConst.NLM_F_REQUEST | NlConst.NLM_F_CREATE;

    private final NlWriter writer = new NlWriter();
    private final NftRule rule = new NftRule(this, writer);
    private final List<String> operations = new ArrayList<>();
    private int beginSeq;
    private int lastMessage;
    private int setId;
    private boolean open;

    /** Uses the whole of {@code buffer}; 16 KiB are plenty for a table of a dozen rules. */
    public NftBatch(MutableDirectBuffer buffer) {
        writer.wrap(buffer, 0, buffer.capacity());
    }

    /** Forgets the former transaction and begins one whose messages are numbered from {@code beginSeq}. */
    public NftBatch begin(int beginSeq) {
        this.beginSeq = beginSeq;
        operations.clear();
        setId = 0;
        lastMessage = -1;
        open = true;
        writer.reset();
        writer.beginNf(
                NlConst.NFNL_MSG_BATCH_BEGIN,
                NlConst.NLM_F_REQUEST,
                beginSeq,
                NlConst.AF_UNSPEC,
                NlConst.NFNL_SUBSYS_NFTABLES);
        writer.end();
        return this;
    }

    /** Makes {@code table} with {@code NFT_TABLE_F_*}; content if it is there with the same flags. */
    public NftBatch addTable(NftTable table, int flags) {
        message("add table " + table, NftConst.NFT_MSG_NEWTABLE, CREATE, table);
        writer.putString(NftConst.NFTA_TABLE_NAME, table.name()).putU32be(NftConst.NFTA_TABLE_FLAGS, flags);
        return endMessage();
    }

    /** Deletes {@code table} with all in it; ENOENT when there is none. */
    public NftBatch deleteTable(NftTable table) {
        message("delete table " + table, NftConst.NFT_MSG_DELTABLE, NlConst.NLM_F_REQUEST, table);
        writer.putString(NftConst.NFTA_TABLE_NAME, table.name());
        return endMessage();
    }

    /** Deletes {@code table} with all in it, if it is there. Linux 6.3; EINVAL before. */
    public NftBatch destroyTable(NftTable table) {
        message("destroy table " + table, NftConst.NFT_MSG_DESTROYTABLE, NlConst.NLM_F_REQUEST, table);
        writer.putString(NftConst.NFTA_TABLE_NAME, table.name());
        return endMessage();
    }

    public NftBatch addSet(NftTable table, NftSet set) {
        message("add set " + table + " " + set.name(), NftConst.NFT_MSG_NEWSET, CREATE, table);
        writer.putString(NftConst.NFTA_SET_TABLE, table.name())
                .putString(NftConst.NFTA_SET_NAME, set.name())
                .putU32be(NftConst.NFTA_SET_FLAGS, set.flags())
                .putU32be(NftConst.NFTA_SET_KEY_TYPE, set.keyType())
                .putU32be(NftConst.NFTA_SET_KEY_LEN, set.keyBytes())
                .putU32be(NftConst.NFTA_SET_ID, ++setId);
        if (set.timeoutMs() > 0) {
            writer.putU64be(NftConst.NFTA_SET_TIMEOUT, set.timeoutMs());
        }
        if (set.elementsMax() > 0) {
            int desc = writer.nestBegin(NftConst.NFTA_SET_DESC);
            writer.putU32be(NftConst.NFTA_SET_DESC_SIZE, set.elementsMax()).nestEnd(desc);
        }
        return endMessage();
    }

    /** Adds {@code keys} with the set's own timeout; keys that are there already stay as they are. */
    public NftBatch addElements(NftTable table, String set, List<byte[]> keys) {
        message("add element " + table + " " + set, NftConst.NFT_MSG_NEWSETELEM, CREATE, table);
        return elements(table, set, keys);
    }

    /** Takes {@code keys} out of {@code set}; ENOENT, and nothing done, if one is not in it. */
    public NftBatch deleteElements(NftTable table, String set, List<byte[]> keys) {
        message("delete element " + table + " " + set, NftConst.NFT_MSG_DELSETELEM, NlConst.NLM_F_REQUEST, table);
        return elements(table, set, keys);
    }

    /**
     * Puts {@code elements} into {@code set}. One that is there and means the same gets the timeout and the time left (since
     * Linux 6.12, and stays as it is before); one that means something else is refused with EEXIST.
     */
    public NftBatch putElements(NftTable table, String set, List<NftElemPut> elements) {
        message("put element " + table + " " + set, NftConst.NFT_MSG_NEWSETELEM, CREATE, table);
        int list = beginElements(table, set);
        for (NftElemPut element : elements) {
            putElement(element);
        }
        writer.nestEnd(list);
        return endMessage();
    }

    /** Takes {@code elements} out of {@code set}; {@code ifThere}: content when one is not in it, Linux 6.3. */
    public NftBatch takeElements(NftTable table, String set, List<NftElemPut> elements, boolean ifThere) {
        int type = ifThere ? NftConst.NFT_MSG_DESTROYSETELEM : NftConst.NFT_MSG_DELSETELEM;
        message("take element " + table + " " + set, type, NlConst.NLM_F_REQUEST, table);
        int list = beginElements(table, set);
        for (NftElemPut element : elements) {
            int mark = beginElement(element);
            writer.nestEnd(mark);
            endOfInterval(element);
        }
        writer.nestEnd(list);
        return endMessage();
    }

    /** Takes everything out of {@code set}. */
    public NftBatch flushSet(NftTable table, String set) {
        message("flush set " + table + " " + set, NftConst.NFT_MSG_DELSETELEM, NlConst.NLM_F_REQUEST, table);
        writer.putString(NftConst.NFTA_SET_ELEM_LIST_TABLE, table.name())
                .putString(NftConst.NFTA_SET_ELEM_LIST_SET, set);
        return endMessage();
    }

    public NftBatch addChain(NftTable table, NftBaseChain chain) {
        String devices = chain.devices().isEmpty() ? "" : " on " + String.join(", ", chain.devices());
        message("add chain " + table + " " + chain.name() + devices, NftConst.NFT_MSG_NEWCHAIN, CREATE, table);
        writer.putString(NftConst.NFTA_CHAIN_TABLE, table.name()).putString(NftConst.NFTA_CHAIN_NAME, chain.name());
        int hook = writer.nestBegin(NftConst.NFTA_CHAIN_HOOK);
        writer.putU32be(NftConst.NFTA_HOOK_HOOKNUM, chain.hook())
                .putU32be(NftConst.NFTA_HOOK_PRIORITY, chain.priority());
        putDevices(chain.devices());
        writer.nestEnd(hook)
                .putU32be(NftConst.NFTA_CHAIN_POLICY, chain.policy())
                .putString(NftConst.NFTA_CHAIN_TYPE, "filter");
        return endMessage();
    }

    /** Begins a rule at the end of {@code chain}; its {@link NftRule#end} comes back here. */
    public NftRule rule(NftTable table, String chain) {
        int flags = CREATE | NlConst.NLM_F_APPEND;
        message("add rule " + table + " " + chain, NftConst.NFT_MSG_NEWRULE, flags, table);
        writer.putString(NftConst.NFTA_RULE_TABLE, table.name()).putString(NftConst.NFTA_RULE_CHAIN, chain);
        return rule.begin();
    }

    /** Ends the transaction and asks for an answer to its last change; returns the bytes to send. */
    public int end() {
        Check.that(open && !operations.isEmpty(), "a transaction without a change");
        open = false;
        writer.addFlags(lastMessage, NlConst.NLM_F_ACK);
        writer.beginNf(
                NlConst.NFNL_MSG_BATCH_END,
                NlConst.NLM_F_REQUEST,
                endSeq(),
                NlConst.AF_UNSPEC,
                NlConst.NFNL_SUBSYS_NFTABLES);
        writer.end();
        return writer.length();
    }

    public MutableDirectBuffer buffer() {
        return writer.buffer();
    }

    /** Number of BATCH_BEGIN, which a refusal of the whole carries. */
    public int beginSeq() {
        return beginSeq;
    }

    /** Number of the last change, whose acknowledgement says that all is done. */
    public int lastSeq() {
        return beginSeq + operations.size();
    }

    /** Number of BATCH_END. */
    public int endSeq() {
        return lastSeq() + 1;
    }

    /** What message {@code seq} asked for, in words; of the whole transaction for any other number. */
    public String operation(int seq) {
        int index = seq - beginSeq - 1;
        return index >= 0 && index < operations.size() ? operations.get(index) : "nf_tables transaction";
    }

    NftBatch endMessage() {
        writer.end();
        return this;
    }

    private void message(String operation, int message, int flags, NftTable table) {
        Check.that(open, "a change outside a transaction");
        operations.add(operation);
        lastMessage = writer.position();
        writer.beginNf(NftConst.type(message), flags, lastSeq(), table.family(), 0);
    }

    private NftBatch elements(NftTable table, String set, List<byte[]> keys) {
        writer.putString(NftConst.NFTA_SET_ELEM_LIST_TABLE, table.name())
                .putString(NftConst.NFTA_SET_ELEM_LIST_SET, set);
        int list = writer.nestBegin(NftConst.NFTA_SET_ELEM_LIST_ELEMENTS);
        for (byte[] key : keys) {
            int element = writer.nestBegin(NftConst.NFTA_LIST_ELEM);
            int data = writer.nestBegin(NftConst.NFTA_SET_ELEM_KEY);
            writer.putBytes(NftConst.NFTA_DATA_VALUE, key).nestEnd(data).nestEnd(element);
        }
        writer.nestEnd(list);
        return endMessage();
    }

    private int beginElements(NftTable table, String set) {
        writer.putString(NftConst.NFTA_SET_ELEM_LIST_TABLE, table.name())
                .putString(NftConst.NFTA_SET_ELEM_LIST_SET, set);
        return writer.nestBegin(NftConst.NFTA_SET_ELEM_LIST_ELEMENTS);
    }

    private void putElement(NftElemPut element) {
        int mark = beginElement(element);
        if (element.timeoutMs() >= 0) {
            writer.putU64be(NftConst.NFTA_SET_ELEM_TIMEOUT, element.timeoutMs());
        }
        if (element.leftMs() >= 0) {
            writer.putU64be(NftConst.NFTA_SET_ELEM_EXPIRATION, element.leftMs());
        }
        writer.putRun(element.attrs()).putRun(element.exprs()).nestEnd(mark);
        endOfInterval(element);
    }

    private int beginElement(NftElemPut element) {
        int mark = writer.nestBegin(NftConst.NFTA_LIST_ELEM);
        if (element.key().length == 0) {
            writer.putU32be(NftConst.NFTA_SET_ELEM_FLAGS, NftConst.NFT_SET_ELEM_CATCHALL);
        } else {
            putKey(NftConst.NFTA_SET_ELEM_KEY, element.key());
        }
        if (element.keyEnd().length > 0 && !element.endIsElement()) {
            putKey(NftConst.NFTA_SET_ELEM_KEY_END, element.keyEnd());
        }
        return mark;
    }

    private void endOfInterval(NftElemPut element) {
        if (element.keyEnd().length > 0 && element.endIsElement()) {
            int mark = writer.nestBegin(NftConst.NFTA_LIST_ELEM);
            putKey(NftConst.NFTA_SET_ELEM_KEY, element.keyEnd());
            writer.putU32be(NftConst.NFTA_SET_ELEM_FLAGS, NftConst.NFT_SET_ELEM_INTERVAL_END)
                    .nestEnd(mark);
        }
    }

    private void putKey(int attr, byte[] key) {
        int data = writer.nestBegin(attr);
        writer.putBytes(NftConst.NFTA_DATA_VALUE, key).nestEnd(data);
    }

    private void putDevices(List<String> devices) {
        if (devices.size() == 1) {
            writer.putString(NftConst.NFTA_HOOK_DEV, devices.getFirst());
        } else if (!devices.isEmpty()) {
            int list = writer.nestBegin(NftConst.NFTA_HOOK_DEVS);
            for (String device : devices) {
                writer.putString(NftConst.NFTA_DEVICE_NAME, device);
            }
            writer.nestEnd(list);
        }
    }
}
