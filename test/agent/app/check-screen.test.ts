import { describe, expect, test } from 'vitest';
import type { Repair } from '../../../agent/app/deps.ts';
import { standAloneFacts } from '../../../agent/app/no-headquarters.ts';
import { REPAIR_TOLD_MS } from '../../../agent/app/status.ts';
import { showStaying } from '../../../agent/app/staying-rows.ts';
import { statusSchema, stayingRowSchema, toInstant } from '../../../agent/contract/index.ts';
import type { StayingRow } from '../../../sync/client/check-ports.ts';
import type { SyncTrouble } from '../../../sync/client/ports.ts';
import { TEST_NOW_MS } from '../../support/store.ts';
import { headquartersPort, openTill, value } from './rig.ts';

const row = (here: string | null, there: string | null): StayingRow => ({
  table: 'member',
  key: 'm-1',
  atMs: TEST_NOW_MS,
  here: here === null ? null : { ver: 4, body: here },
  there: there === null ? null : { ver: 5, body: there },
});

describe('a row that differs again after its repair, as IT sees it', () => {
  test('names the fields that differ, and of a text shows no more than its first character and its length', () => {
    const here = { name: '李小敏', phone: '13800006688', points: { base: 12_480 }, tags: ['a'] };
    const there = { ...here, name: '李晓敏', points: { base: 12_560 }, tags: ['a', 'b-1'] };
    const [shown] = showStaying([row(JSON.stringify(here), JSON.stringify(there))]);
    expect(stayingRowSchema.parse(shown)).toMatchObject({
      verHere: 4,
      verThere: 5,
      fields: [
        { name: 'name', here: '李***(3)', there: '李***(3)' },
        { name: 'points.base', here: '12480', there: '12560' },
        { name: 'tags.1', here: null, there: 'b***(3)' },
      ],
    });
    for (const secret of ['小敏', '晓敏', '13800006688'])
      expect(JSON.stringify(shown)).not.toContain(secret);
  });

  test('is shown where one side has none, or none that can be read', () => {
    const [gone, broken] = showStaying([row('{"name":"Li', '{"name":"Li"}'), row(null, '{"a":1}')]);
    expect(gone).toMatchObject({ verHere: null, fields: [{ name: 'a', here: null, there: '1' }] });
    expect(broken?.fields).toEqual([
      { name: '-', here: '{***(11)', there: null },
      { name: 'name', here: null, there: 'L***(2)' },
    ]);
  });

  test('has no more fields than a screen can show', () => {
    const body = JSON.stringify(Object.fromEntries(Array.from({ length: 60 }, (_, n) => [n, n])));
    expect(stayingRowSchema.parse(showStaying([row(body, null)])[0]).fields).toHaveLength(50);
  });
});

describe('the status line of a cashier', () => {
  const statusWith = async (...codes: SyncTrouble['code'][]) => {
    const troubles = codes.map((code) => ({ code, detail: '', sinceMs: TEST_NOW_MS }));
    const rig = openTill({
      headquarters: () =>
        headquartersPort({ facts: () => ({ ...standAloneFacts(TEST_NOW_MS), troubles }) }),
    });
    return statusSchema.parse(value(await rig.till.status())).headquarters.warning;
  };

  test('says nothing of checks while all is well, nor of what is for IT alone', async () => {
    expect(await statusWith()).toBeUndefined();
    expect(await statusWith('page-refused', 'row-refused', 'document-refused')).toBeUndefined();
  });

  test.each(['drift-stays', 'drift-large', 'ledger-lost', 'ledger-damaged'] as const)(
    'says %s in one plain sentence, and that selling goes on',
    async (code) => {
      const warning = await statusWith('page-refused', code);
      expect(warning?.['zh-CN']).toMatch(/照常收银$/);
      expect(warning?.en).toMatch(/Selling goes on$/);
    },
  );

  test('says for a day that the database was brought back, and what was not', async () => {
    const repairOf = async (repair: Repair | undefined) =>
      statusSchema.parse(value(await openTill({ repair }).till.status())).repair;
    expect(await repairOf(undefined)).toBeUndefined();
    const atMs = TEST_NOW_MS - REPAIR_TOLD_MS + 1;
    expect((await repairOf({ atMs, lostEntries: 0 }))?.text.en).toMatch(/no sale was lost/);
    expect((await repairOf({ atMs, lostEntries: 1 }))?.text.en).toMatch(/; 1 entry could not be/);
    expect(await repairOf({ atMs, lostEntries: 2 })).toEqual({
      at: toInstant(atMs),
      text: {
        'zh-CN': expect.stringMatching(/2 笔未能恢复.*照常收银$/),
        en: expect.stringMatching(/2 entries could not be .*Selling goes on$/),
      },
    });
    expect(await repairOf({ atMs: atMs - 1, lostEntries: 2 })).toBeUndefined();
  });

  test('says the gravest alone', async () => {
    const both = await statusWith('drift-large', 'ledger-damaged');
    expect(both).toEqual(await statusWith('ledger-damaged'));
  });
});
