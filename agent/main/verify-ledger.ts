import { type ChainedEntry, verifyChain } from '../domain/ledger/chain.ts';
import { createLedgerCrypto } from '../store/ledger-crypto.ts';
import type { Store } from '../store/store.ts';
import { systemRandom } from './system.ts';

/** Entries read at a time while a chain is walked. */
const PAGE_ENTRIES = 1_000;

function* entriesOf(store: Store): Generator<ChainedEntry> {
  for (let after = 0; ; ) {
    const page = store.ledger.after(after, PAGE_ENTRIES);
    yield* page;
    const last = page.at(-1);
    if (last === undefined) return;
    after = last.header.seq;
  }
}

/** Walks the whole chain of a till from its first entry. */
export function verifyLedger(store: Store): { ok: boolean; detail: string } {
  const { hash } = createLedgerCrypto(systemRandom);
  const verified = verifyChain(hash, entriesOf(store));
  return verified.ok
    ? { ok: true, detail: `${verified.value.seq} entries, chain whole` }
    : { ok: false, detail: `entry ${verified.error.seq}: ${verified.error.why}` };
}
