import { appendFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { checksOfDatabase } from '../../../../agent/main/commands/database-checks.ts';
import { databaseFacts } from '../../../../agent/main/database-facts.ts';
import { MARK_ENDING } from '../../../../agent/store/ledger-mark.ts';
import { flipBit } from '../../../support/damaged.ts';
import { imageOf, journalIn, segmentsOf, sell, seqsIn } from '../../../support/journal.ts';
import { openTestStore } from '../../../support/store.ts';

describe('a journal that is damaged', () => {
  test('in the midst is set aside and made anew from the ledger, which the operator sees', () => {
    const till = openTestStore();
    sell(till, 1, 4);
    till.store.close();
    flipBit(segmentsOf(till)[0] ?? '', 300);
    till.reopen();
    expect(seqsIn(till)).toEqual([1, 2, 3, 4]);
    expect(till.store.ledgerFacts()).toMatchObject({ renewedAfter: [], missing: [] });
    const facts = databaseFacts(till.store, till.clock.nowMs);
    expect(facts.journalTrouble).toMatchObject({ why: 'damaged', notFitting: [] });
    expect(facts.setAside).toHaveLength(1);
    expect(checksOfDatabase(facts).find(({ check }) => check === 'ledger-journal')).toMatchObject({
      ok: true,
      detail: expect.stringContaining('made anew'),
    });
  });

  test('by rubbish behind its end, which no power cut leaves, is told and made anew; no entry is lost', () => {
    const till = openTestStore();
    sell(till, 1, 4);
    till.store.close();
    appendFileSync(segmentsOf(till)[0] ?? '', 'ransom '.repeat(100));
    till.reopen();
    expect(seqsIn(till)).toEqual([1, 2, 3, 4]);
    const facts = databaseFacts(till.store, till.clock.nowMs);
    expect(facts.journalTrouble).toMatchObject({ why: 'damaged', notFitting: [] });
    expect(facts.setAside).toHaveLength(1);
  });

  test('where the lost log follows still shows which numbers are taken: they are not taken again under the same name', () => {
    const till = openTestStore();
    sell(till, 1, 1);
    const lose = imageOf(till);
    sell(till, 2, 6);
    const { incarnation } = till.store;
    lose(till);
    rmSync(till.store.file + MARK_ENDING);
    const second = journalIn(till).entries[1]?.secret?.key?.key_id ?? '';
    flipBit(segmentsOf(till)[0] ?? '', (journalIn(till).secrets.get(second)?.[0]?.at ?? 0) - 40);
    till.reopen();
    expect(till.store.ledger.head().seq).toBe(1);
    expect(databaseFacts(till.store, 0).journalTrouble?.notFitting).toEqual([3, 4, 5, 6]);
    expect(till.store.incarnation).not.toBe(incarnation);
  });

  test('fails doctor for entries that it alone has until the one set aside is gone', () => {
    const till = openTestStore();
    sell(till, 1, 1);
    const lose = imageOf(till);
    sell(till, 2, 6);
    lose(till);
    rmSync(till.store.file + MARK_ENDING);
    const second = journalIn(till).entries[1]?.secret?.key?.key_id ?? '';
    flipBit(segmentsOf(till)[0] ?? '', (journalIn(till).secrets.get(second)?.[0]?.at ?? 0) - 40);
    till.reopen();
    const told = () =>
      checksOfDatabase(databaseFacts(till.store, 0)).find(
        ({ check }) => check === 'ledger-journal',
      );
    expect(told()).toMatchObject({
      ok: false,
      detail: expect.stringContaining('entries 3, 4, 5, 6 lie in the one set aside alone'),
    });
    for (const name of readdirSync(till.dataDir))
      if (name.startsWith('damaged-')) rmSync(join(till.dataDir, name));
    expect(told()).toMatchObject({ ok: true, detail: expect.not.stringContaining('set aside') });
  });

  test('and is gone is made anew without a word', () => {
    const till = openTestStore();
    sell(till, 1, 4);
    till.store.close();
    for (const path of segmentsOf(till)) rmSync(path);
    till.reopen();
    expect(seqsIn(till)).toEqual([1, 2, 3, 4]);
    expect(databaseFacts(till.store, 0)).toMatchObject({ journalTrouble: null, setAside: [] });
  });
});
