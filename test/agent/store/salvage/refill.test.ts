import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { MemberId } from '../../../../agent/contract/index.ts';
import { openDatabase } from '../../../../agent/store/sqlite/open-database.ts';
import type { Store } from '../../../../agent/store/store.ts';
import {
  closeTill,
  damagedCopy,
  journalOf,
  makeSoldFolder,
  openLikeTill,
  ruinPage,
  type SoldFolder,
  treesOf,
} from '../../../support/damaged.ts';
import { journalIn, segmentsOf } from '../../../support/journal.ts';
import { commitSale } from '../../../support/ledger.ts';
import { must } from '../../../support/must.ts';
import { openTestStore, type TestStore } from '../../../support/store.ts';
import {
  ANNA,
  basket,
  CASHIER,
  commitOf,
  freshKey,
  hold,
  openTill,
  POS,
  RICE,
  RULES_WITH_BUDGET,
  ringUp,
  TEA,
  value,
} from '../../app/rig.ts';

const SALES = 60;
const MEMBERS = 40;
const folder = makeSoldFolder({ sales: SALES, members: MEMBERS });
afterAll(() => folder.remove());

type Row = Readonly<Record<string, unknown>>;
/** Without the numbers that rows get as they are written. */
const QUERIES: Readonly<Record<string, string>> = {
  subject_keys: 'SELECT * FROM subject_keys ORDER BY key_id',
  outbox: `SELECT * FROM outbox WHERE kind = 'entry' ORDER BY no`,
  points_movements: 'SELECT * FROM points_movements ORDER BY seq, n',
  points_lots: 'SELECT * FROM points_lots WHERE made_seq > 0 ORDER BY member_id, lot_id',
  replies:
    'SELECT client_id, key, operation, target, body_hash, reply, at_ms FROM replies ORDER BY key',
  holds: 'SELECT * FROM holds ORDER BY evaluation_id',
  rule_uses: 'SELECT * FROM rule_uses ORDER BY evaluation_id, rule_id',
  coupon_uses: 'SELECT code, evaluation_id, state FROM coupon_uses ORDER BY code, evaluation_id',
};

/** A table's rows of the database that is live in a folder. */
function rowsOf(dataDir: string, key: Uint8Array, table: string): Row[] {
  const live = JSON.parse(readFileSync(join(dataDir, 'live.json'), 'utf8')) as { file: string };
  const db = openDatabase(join(dataDir, live.file), key, false);
  try {
    return db.prepare<[], Row>(QUERIES[table] ?? '').all();
  } finally {
    db.close();
  }
}

/** Ruins every page of a table, and gives its rows and what waits for headquarters as a salvage leaves them. */
function losing(
  tables: readonly string[],
  from: SoldFolder = folder,
  more: (path: string) => void = () => undefined,
) {
  const pages = treesOf(from);
  const copy = damagedCopy(from, (path) => {
    for (const page of tables.flatMap((table) => pages.get(table) ?? [])) ruinPage(path, page);
    more(path);
  });
  try {
    const opened = must(openLikeTill(copy.dataDir, from.key));
    const salvage = opened.salvage;
    const sent = entriesOf(opened.store);
    closeTill(opened);
    const rows = Object.fromEntries(
      Object.keys(QUERIES).map((table) => [table, rowsOf(copy.dataDir, from.key, table)]),
    );
    return { salvage, sent, rows };
  } finally {
    copy.remove();
  }
}

/** What goes up of each entry, under whichever name and number. */
function entriesOf({ sync }: Store) {
  return sync
    .nextUpload(1_000, 100_000_000)
    .flatMap((item) =>
      item.kind === 'entry' || item.kind === 'former'
        ? [{ no: item.no, key: item.key, facts: item.facts, hash: item.hash }]
        : [],
    );
}

const whole = losing([]);

describe('where the ledger has an entry and its page of another table is lost, the journal gives', () => {
  test('what the folder is made of', () => {
    expect(whole.salvage).toBeUndefined();
    expect(whole.sent).toHaveLength(SALES);
    expect(whole.rows.subject_keys).toHaveLength(MEMBERS);
  });

  test('the key back: the entry goes up with it, and not as if it were erased', () => {
    const { salvage, sent, rows } = losing(['subject_keys']);
    expect(salvage).toMatchObject({
      outcome: 'salvaged',
      ledger: { refilled: { subject_keys: MEMBERS }, isRenewed: false },
    });
    expect(sent).toEqual(whole.sent);
    expect(rows.subject_keys).toEqual(whole.rows.subject_keys);
  });

  test.each(['outbox', 'points_movements', 'points_lots', 'replies'])(
    'rows of %s back as they were',
    (table) => {
      const { salvage, sent, rows } = losing([table]);
      expect(salvage?.tables).toContainEqual(expect.objectContaining({ table, state: 'part' }));
      expect(rows[table]).toEqual(whole.rows[table]);
      expect(sent).toEqual(whole.sent);
    },
  );

  test('all of them back where all are lost', () => {
    const { sent, rows } = losing(Object.keys(QUERIES));
    expect(sent).toEqual(whole.sent);
    expect(rows).toEqual(whole.rows);
  });

  test('nothing where it is gone itself: the till opens, and entries go up without a key', () => {
    const { sent } = losing(['subject_keys'], folder, (path) => rmSync(journalOf(path)));
    expect(new Set(sent.map(({ key }) => key))).toEqual(new Set([null]));
  });
});

/** The folder of a till that was closed. */
function closed({ store, dataDir, keyStore }: TestStore): SoldFolder {
  store.close();
  const key = keyStore.key ?? new Uint8Array();
  return { dataDir, key, file: basename(store.file), sold: [], remove: () => undefined };
}

describe('a key that was erased on purpose stays erased', () => {
  const ERASED = 'm-1' as MemberId;
  /** Two sales of each of three members, one of whom is erased. */
  function erasedTill() {
    const till = openTestStore();
    for (let n = 1; n <= 6; n++) commitSale(till.store, n, `m-${n % 3}` as MemberId);
    const [segment = ''] = segmentsOf(till);
    const before = readFileSync(segment);
    const { keyId } = till.store.keys.forSubject(ERASED);
    const [first, second] = journalIn(till).secrets.get(keyId) ?? [];
    till.store.keys.erase(ERASED);
    return { from: closed(till), keyId, segment, before, first, second };
  }
  const keysOf = (rows: readonly Row[] | undefined) => rows?.map(({ key_id }) => key_id);

  test('where the note of it is lost, too: the journal shows it', () => {
    const { from, keyId } = erasedTill();
    const { sent, rows } = losing(['subject_keys', 'erased_keys'], from);
    expect(rows.subject_keys).toHaveLength(2);
    expect(keysOf(rows.subject_keys)).not.toContain(keyId);
    expect(sent.map(({ key }) => key === null)).toEqual([true, false, false, true, false, false]);
  });

  test('where the till was killed before the journal was overwritten: the database notes it', () => {
    const { from, keyId, segment, before } = erasedTill();
    writeFileSync(segment, before);
    const { rows } = losing(['subject_keys'], from);
    expect(rows.subject_keys).toHaveLength(2);
    expect(keysOf(rows.subject_keys)).not.toContain(keyId);
  });

  test('where it was overwritten in one place alone, and the note is lost: it is erased again', () => {
    const { from, keyId, segment, before, second } = erasedTill();
    const bytes = readFileSync(segment);
    const { at = 0, bytes: length = 0 } = second ?? {};
    before.copy(bytes, at, at, at + length);
    writeFileSync(segment, bytes);
    const { rows } = losing(['subject_keys', 'erased_keys'], from);
    expect(rows.subject_keys).toHaveLength(2);
    expect(keysOf(rows.subject_keys)).not.toContain(keyId);
  });
});

/** The folder of a shop that sold with a coupon and without, voided, and took goods back. */
async function soldShop(): Promise<SoldFolder> {
  const rig = openTill({ rules: RULES_WITH_BUDGET });
  const held = async (basketId: string, codes: string[] = []) => {
    const reply = await ringUp(rig, ANNA, basket(basketId, [TEA, RICE], { codes }));
    await hold(rig, reply);
    return reply;
  };
  const sold = async (basketId: string, codes?: string[]) =>
    value(await rig.till.commit(POS, commitOf(await held(basketId, codes)))).saleId;
  await sold('b1', ['CP-5']);
  const saleId = await sold('b2');
  const { evaluationId } = await held('b3');
  const body = { reason: 'no money', staffId: CASHIER };
  value(await rig.till.voidEvaluation(POS, { id: evaluationId, key: freshKey(), body }));
  const request = {
    returnId: 'ret-1',
    saleId,
    lines: [{ lineId: 'l2', qty: 1 }],
    referenceId: 'R-9',
    reason: 'unopened',
    staffId: CASHIER,
  };
  value(await rig.till.returnGoods(POS, request as never));
  return closed(rig.files);
}

describe('the record of a sale comes back as its last entry left it', () => {
  test.each([
    [['holds']],
    [['rule_uses', 'coupon_uses']],
    [Object.keys(QUERIES)],
    [['ledger', 'holds']],
  ])('where pages of %j are lost', async (tables) => {
    const from = await soldShop();
    const before = losing([], from);
    expect(before.rows.holds).toHaveLength(3);
    expect(before.rows.rule_uses).toHaveLength(2);
    expect(before.rows.coupon_uses).toMatchObject([{ code: 'CP-5', state: 'used' }]);
    const { salvage, rows, sent } = losing(tables, from);
    expect(salvage?.outcome).toBe('salvaged');
    expect(rows).toEqual(before.rows);
    expect(sent).toEqual(before.sent);
  });
});
