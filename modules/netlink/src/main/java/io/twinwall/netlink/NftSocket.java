/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.netlink;

import io.twinwall.linux.Errno;
import java.util.ArrayList;
import java.util.List;
import org.agrona.DirectBuffer;

/**
 * Commits transactions and asks what is there, in the network namespace of the thread that opened it. Control plane: one
 * thread at a time, allocates; refusals are results, not exceptions.
 *
 * <p>Tables made with {@link NftConst#NFT_TABLE_F_OWNER} belong to this socket: only it may change them.
 */
public final class NftSocket implements AutoCloseable {
    private static final int DATAGRAMS = 8;
    private static final int DATAGRAM_BYTES = 32 * 1024;

    /** A dump torn by another's transaction is begun anew so often before EINTR is reported. */
    private static final int DUMP_TRIES = 10;

    private final NlTransport transport;
    private final NlRequests requests;
    private final NftDecoder decoder = new NftDecoder();
    private final NlReader reader = new NlReader();
    private final NlError error = new NlError();
    private final NftElem element = new NftElem();

    private NftBatch batch;
    private NftResult refused;
    private boolean acknowledged;

    /** Uses {@code transport} alone, and closes it. */
    public NftSocket(NlTransport transport) {
        this.transport = transport;
        this.requests = new NlRequests(transport);
    }

    /** Throws {@link io.twinwall.base.Fatal} when the kernel refuses the socket. */
    public static NftSocket open() {
        return new NftSocket(NlSocket.open(NlConst.NETLINK_NETFILTER, DATAGRAMS, DATAGRAM_BYTES));
    }

    /** Begins {@code toBegin}, which is then to be filled and handed to {@link #commit}. */
    public NftBatch begin(NftBatch toBegin) {
        return toBegin.begin(requests.nextSeq());
    }

    /**
     * Ends and sends {@code toCommit}: all of it takes effect, or nothing does. EAGAIN: the kernel said nothing, which it
     * never does.
     */
    public NftResult commit(NftBatch toCommit) {
        batch = toCommit;
        refused = null;
        acknowledged = false;
        int length = batch.end();
        int used = batch.beginSeq();
        while (used != batch.endSeq()) {
            used = requests.nextSeq();
        }
        int sent = transport.send(batch.buffer(), 0, length);
        if (sent < 0) {
            return new NftResult(-sent, batch.operation(batch.beginSeq()), "");
        }
        // The answers are all there when send returns. A refusal of the whole comes without an acknowledgement.
        int received;
        do {
            received = transport.poll(this::onAnswer);
        } while (received > 0 && !acknowledged);
        if (refused != null) {
            return refused;
        }
        return acknowledged
                ? NftResult.done()
                : new NftResult(received < 0 ? -received : Errno.EAGAIN, batch.operation(batch.beginSeq()), "");
    }

    /** Adds the live elements of {@code set} to {@code into}; expired ones are not among them. */
    public NftResult elements(NftTable table, String set, List<NftElement> into) {
        return dump("list set " + table + " " + set, into, found -> {
            begin(NftConst.NFT_MSG_GETSETELEM, table)
                    .putString(NftConst.NFTA_SET_ELEM_LIST_TABLE, table.name())
                    .putString(NftConst.NFTA_SET_ELEM_LIST_SET, set);
            return message -> decoder.elements(message, found);
        });
    }

    /** Adds what the kernel has by the name {@code set} to {@code into}; ENOENT when there is no such set or table. */
    public NftResult set(NftTable table, String set, List<NftSetInfo> into) {
        begin(NftConst.NFT_MSG_GETSET, table)
                .putString(NftConst.NFTA_SET_TABLE, table.name())
                .putString(NftConst.NFTA_SET_NAME, set);
        NlResult result = requests.execute(message -> into.add(decoder.set(message)));
        return new NftResult(result.errno(), "get set " + table + " " + set, result.text());
    }

    /**
     * Hands over the live elements of {@code set} as the kernel tells them, without keeping them. EINTR: others changed
     * nf_tables meanwhile, and something may be missing or twice. Also without, of a set that packets fill, what takes more
     * than one message is no snapshot.
     */
    public NftDump elements(NftTable table, String set, NftElem.Handler handler) {
        begin(NftConst.NFT_MSG_GETSETELEM, table)
                .putString(NftConst.NFTA_SET_ELEM_LIST_TABLE, table.name())
                .putString(NftConst.NFTA_SET_ELEM_LIST_SET, set);
        int[] messages = {0};
        int[] malformed = {0};
        NlResult result = requests.dump(message -> {
            int[] elements = {0};
            malformed[0] += decoder.elements(message, element, one -> {
                elements[0]++;
                handler.onElement(one);
            });
            // The kernel ends with an empty one.
            messages[0] += elements[0] > 0 ? 1 : 0;
        });
        NftResult said = new NftResult(result.errno(), "list set " + table + " " + set, result.text());
        return new NftDump(said, messages[0], malformed[0]);
    }

    /** This end's port id: {@code nlmsg_pid} of what others are told of its transactions. */
    public int portId() {
        return transport.portId();
    }

    /** Adds the base chains of {@code table} to {@code into}, each with the devices it is bound to now. */
    public NftResult baseChains(NftTable table, List<NftBaseChain> into) {
        return dump("list chains " + table, into, found -> {
            begin(NftConst.NFT_MSG_GETCHAIN, table);
            return message -> decoder.baseChain(message, table, found);
        });
    }

    /** Adds to {@code into}, for each rule of {@code table}, the name of its chain. */
    public NftResult ruleChains(NftTable table, List<String> into) {
        return dump("list rules " + table, into, found -> {
            begin(NftConst.NFT_MSG_GETRULE, table).putString(NftConst.NFTA_RULE_TABLE, table.name());
            return message -> decoder.ruleChain(message, table, found);
        });
    }

    /** Adds every chain of every table, of all families, to {@code into}. */
    public NftResult chains(List<NftChainInfo> into) {
        return dump("list chains", into, found -> {
            begin(NftConst.NFT_MSG_GETCHAIN);
            return message -> found.add(NftRulesetDecoder.chain(message));
        });
    }

    /** Adds every rule of every table, of all families, to {@code into}; those of a chain in their order. */
    public NftResult rules(List<NftRuleInfo> into) {
        return dump("list rules", into, found -> {
            begin(NftConst.NFT_MSG_GETRULE);
            return message -> found.add(NftRulesetDecoder.rule(message));
        });
    }

    /** Adds the names of all sets and maps of all tables to {@code into}, those that rules have to themselves as well. */
    public NftResult sets(List<NftSetName> into) {
        return dump("list sets", into, found -> {
            begin(NftConst.NFT_MSG_GETSET);
            return message -> found.add(NftRulesetDecoder.set(message));
        });
    }

    /** Adds the helpers that objects of the ruleset name ({@code ct helper}) to {@code into}. */
    public NftResult ctHelpers(List<String> into) {
        return dump("list ct helpers", into, found -> {
            begin(NftConst.NFT_MSG_GETOBJ).putU32be(NftConst.NFTA_OBJ_TYPE, NftConst.NFT_OBJECT_CT_HELPER);
            return message -> NftRulesetDecoder.ctHelper(message).ifPresent(found::add);
        });
    }

    /**
     * Adds the live elements of {@code set} to {@code into}, {@code max} of them at most: there are more when it holds so many
     * then.
     */
    public NftResult members(NftSetName set, int max, List<NftMember> into) {
        NftResult result = NftResult.done();
        for (int i = 0; i < DUMP_TRIES; i++) {
            List<NftMember> found = new ArrayList<>();
            result = elements(set.table(), set.name(), one -> {
                        if (found.size() < max) {
                            found.add(NftMember.of(one));
                        }
                    })
                    .result();
            if (result.ok()) {
                into.addAll(found);
                return NftResult.done();
            }
            if (result.errno() != Errno.EINTR) {
                break;
            }
        }
        return result;
    }

    @Override
    public void close() {
        transport.close();
    }

    /** Writes a request, and says what to do with each message of the answer. */
    @FunctionalInterface
    private interface Question<T> {
        NlMessageHandler ask(List<T> found);
    }

    private <T> NftResult dump(String operation, List<T> into, Question<T> question) {
        NlResult result = NlResult.DONE;
        for (int i = 0; i < DUMP_TRIES; i++) {
            List<T> found = new ArrayList<>();
            result = requests.dump(question.ask(found));
            if (result.ok()) {
                into.addAll(found);
                return NftResult.done();
            }
            if (result.errno() != Errno.EINTR) {
                break;
            }
        }
        return new NftResult(result.errno(), operation, result.text());
    }

    private NlWriter begin(int message) {
        return requests.beginNf(NftConst.type(message), 0, NftConst.NFPROTO_UNSPEC, 0);
    }

    private NlWriter begin(int message, NftTable table) {
        return requests.beginNf(NftConst.type(message), 0, table.family(), 0);
    }

    private void onAnswer(DirectBuffer datagram, int offset, int length) {
        reader.wrap(datagram, offset, length);
        while (reader.next()) {
            int seq = reader.seq();
            boolean ours = seq - batch.beginSeq() >= 0 && batch.endSeq() - seq >= 0;
            if (!ours || reader.portId() != transport.portId() || !error.wrap(reader)) {
                continue;
            }
            if (error.errno() != 0 && refused == null) {
                refused = new NftResult(error.errno(), batch.operation(seq), error.text());
            }
            acknowledged |= seq == batch.lastSeq();
        }
    }
}
