import { type ChainedEntry, type ChainHead, verifyChain } from '../domain/ledger/chain.ts';
import { createLedgerCrypto } from '../store/ledger-crypto.ts';
import type { Store } from '../store/store.ts';
import { systemRandom } from './system.ts';

/** Entries read at a time while a chain is walked. */
const PAGE_ENTRIES = 1_000;

function* entriesOf(store: Store): Generator<ChainedEntry> {
  for (let after = store.ledger.base().seq; ; ) {
    const page = store.ledger.after(after, PAGE_ENTRIES);
    yield* page;
    const last = page.at(-1);
    if (last === undefined) return;
    after = last.header.seq;
  }
}

/**
 * Walks the whole chain of a till from the first entry that is kept. Behind entries that are known to be lost with damaged
 * pages it is taken up where its next entry says; the incarnation changes only where the database was renewed.
 */
export function verifyLedger(store: Store): { ok: boolean; detail: string } {
  const { hash } = createLedgerCrypto(systemRandom);
  const { renewedAfter, gaps } = store.ledgerFacts();
  let head: ChainHead = store.ledger.base();
  let incarnation: string | undefined;
  for (const entry of entriesOf(store)) {
    const { seq, prevHash, incarnation: own } = entry.header;
    const isBehindGap = gaps.some((gap) => gap.fromSeq === head.seq + 1 && gap.toSeq === seq - 1);
    const from = isBehindGap ? { seq: seq - 1, hash: prevHash } : head;
    const verified = verifyChain(hash, [entry], from);
    if (!verified.ok) return fault(verified.error.seq, verified.error.why);
    const mayChange = incarnation === undefined || isBehindGap || renewedAfter.includes(from.seq);
    if (own !== incarnation && !mayChange) return fault(seq, 'incarnation');
    incarnation = own;
    head = verified.value;
  }
  const lost = gaps.map(({ fromSeq, toSeq, report }) => `${fromSeq}-${toSeq} (${report})`);
  const but = lost.length === 0 ? '' : ` but for those lost with damaged pages: ${lost.join(', ')}`;
  return { ok: true, detail: `${head.seq} entries, chain whole${but}` };
}

function fault(seq: number, why: string): { ok: false; detail: string } {
  return { ok: false, detail: `entry ${seq}: ${why}` };
}
