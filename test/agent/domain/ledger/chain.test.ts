import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GENESIS_HASH } from '../../../../agent/contract/index.ts';
import {
  type ChainedEntry,
  entryHash,
  GENESIS,
  linkEntry,
  verifyChain,
} from '../../../../agent/domain/ledger/chain.ts';
import { draftEntry, ledgerCrypto } from '../../../support/ledger.ts';

const { hash } = ledgerCrypto;

function chainOf(length: number): ChainedEntry[] {
  const entries: ChainedEntry[] = [];
  for (let n = 1; n <= length; n++) {
    const last = entries.at(-1);
    const head = last === undefined ? GENESIS : { seq: last.header.seq, hash: last.hash };
    entries.push(linkEntry(hash, draftEntry(n), head));
  }
  return entries;
}

describe('a ledger chain', () => {
  test('begins with number 1 and the genesis hash, and each entry names the hash before it', () => {
    const [first, second] = chainOf(2);
    expect(first?.header).toMatchObject({ seq: 1, prevHash: GENESIS_HASH });
    expect(second?.header).toMatchObject({ seq: 2, prevHash: first?.hash });
  });

  test('is whole however long it is, and answers its head', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 30 }), (length) => {
        const entries = chainOf(length);
        const head = { seq: length, hash: entries.at(-1)?.hash ?? GENESIS_HASH };
        expect(verifyChain(hash, entries)).toEqual({ ok: true, value: head });
      }),
      { numRuns: 30 },
    );
  });

  const fields = Object.keys(draftEntry(1));

  test.each(fields)('shows a changed %s at the entry that was changed', (field) => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), fc.integer(), (at, salt) => {
        const entries = chainOf(8);
        const entry = entries[at - 1];
        if (entry === undefined) throw new Error('no such entry');
        entries[at - 1] = { ...entry, header: { ...entry.header, [field]: `changed ${salt}` } };
        expect(verifyChain(hash, entries)).toEqual({ ok: false, error: { seq: at, why: 'hash' } });
      }),
      { numRuns: 8 },
    );
  });

  test('shows a forged entry, hash and all, at the next one', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1 }), (at, payableMinor) => {
        const entries = chainOf(8);
        const entry = entries[at - 1];
        if (entry === undefined || entry.header.payableMinor === payableMinor) return;
        const header = { ...entry.header, payableMinor };
        entries[at - 1] = { header, hash: entryHash(hash, header) };
        expect(verifyChain(hash, entries)).toEqual({
          ok: false,
          error: { seq: at + 1, why: 'prev-hash' },
        });
      }),
    );
  });

  test('shows a missing, a doubled and a swapped entry at its place', () => {
    const entries = chainOf(6);
    expect(verifyChain(hash, entries.toSpliced(2, 1))).toEqual({
      ok: false,
      error: { seq: 3, why: 'seq' },
    });
    expect(verifyChain(hash, entries.toSpliced(2, 0, ...entries.slice(1, 2)))).toEqual({
      ok: false,
      error: { seq: 3, why: 'seq' },
    });
    const [a, b, ...rest] = entries;
    expect(verifyChain(hash, [b, a, ...rest] as ChainedEntry[])).toEqual({
      ok: false,
      error: { seq: 1, why: 'seq' },
    });
  });

  test('does not take in an entry of another till or incarnation, even when it links', () => {
    const [first] = chainOf(1);
    if (first === undefined) throw new Error('no entry');
    const head = { seq: 1, hash: first.hash };
    for (const [why, foreign] of [
      ['till', { tillId: 'till-2' }],
      ['incarnation', { incarnation: 'incarnation-2' }],
    ] as const) {
      const second = linkEntry(hash, draftEntry(2, foreign as never), head);
      expect(verifyChain(hash, [first, second])).toEqual({ ok: false, error: { seq: 2, why } });
    }
  });

  test('can be checked in parts, each from a head that is trusted', () => {
    const entries = chainOf(6);
    const middle = verifyChain(hash, entries.slice(0, 3));
    if (!middle.ok) throw new Error('the first part is whole');
    expect(verifyChain(hash, entries.slice(3), middle.value)).toMatchObject({
      ok: true,
      value: { seq: 6 },
    });
    expect(verifyChain(hash, entries.slice(3))).toEqual({
      ok: false,
      error: { seq: 1, why: 'seq' },
    });
  });
});
