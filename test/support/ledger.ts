import { randomBytes } from 'node:crypto';
import {
  type EntryFactsWritten,
  type EntryKind,
  type EntryReply,
  type EvaluationId,
  entryHeaderSchema,
  type Member,
  type MemberId,
  memberSchema,
  type PointsLot,
  pointsLotSchema,
  toInstant,
} from '../../agent/contract/index.ts';
import { type EntryDraft, linkEntry } from '../../agent/domain/ledger/chain.ts';
import { sealBody } from '../../agent/domain/ledger/sealed-body.ts';
import { createLedgerCrypto } from '../../agent/store/ledger-crypto.ts';
import type { LedgerRow, Store } from '../../agent/store/store.ts';

export const ledgerCrypto = createLedgerCrypto(randomBytes);

/** 2026-11-21 08:30 UTC. */
const AT_MS = Date.UTC(2026, 10, 21, 8, 30);

/** The parts that all entries of the tests share. */
const {
  seq: _seq,
  prevHash: _prevHash,
  ...TEMPLATE
} = entryHeaderSchema.parse({
  v: 1,
  seq: 1,
  entryId: 'entry-0',
  kind: 'sale',
  tillId: 'till-1',
  incarnation: 'incarnation-1',
  storeId: 'store-1',
  at: toInstant(AT_MS),
  businessDay: '2026-11-21',
  staffId: 'staff-1',
  saleId: 'sale-0',
  returnId: null,
  ruleSetVersion: 1,
  policyVersion: 1,
  currency: 'CNY',
  listMinor: 10_000,
  discountMinor: 1_000,
  payableMinor: 9_000,
  pointsEarned: 90,
  pointsSpent: 0,
  exception: null,
  keyId: 'key-12345678',
  commitment: '0'.repeat(64),
  prevHash: '0'.repeat(64),
});

/** A header that only lacks its place in the chain. */
export function draftEntry(n: number, more: Partial<EntryDraft> = {}): EntryDraft {
  return {
    ...TEMPLATE,
    entryId: `entry-${n}` as EntryDraft['entryId'],
    saleId: `sale-${n}` as EntryDraft['saleId'],
    at: toInstant(AT_MS + n),
    listMinor: 10_000 + n,
    payableMinor: 9_000 + n,
    commitment: n.toString(16).padStart(64, '0'),
    ...more,
  };
}

/** A member with a phone and a card made from `n`. */
export function testMember(n: number, more: Partial<Member> = {}): Member {
  return memberSchema.parse({
    memberId: `m-${n}`,
    name: `王小明${n}`,
    phone: `138${String(n).padStart(8, '0')}`,
    cards: [`62${String(n).padStart(10, '0')}`],
    gsrn: String(n).padStart(18, '0'),
    tier: 'gold',
    groups: ['baby-club'],
    tags: ['likes-tea', 'wine'],
    entitlements: [{ kind: 'priority-lane' }],
    updatedAt: toInstant(AT_MS),
    ...more,
  });
}

/** A lot of points. */
export function testLot(
  lotId: string,
  memberId: string,
  points: number,
  more: Partial<PointsLot> = {},
): PointsLot {
  return pointsLotSchema.parse({
    lotId,
    memberId,
    points,
    earnedAt: toInstant(AT_MS),
    source: 'test',
    ...more,
  });
}

/** The reply kept with an entry, with a receipt of everyday length. */
export function testReply(row: LedgerRow): EntryReply {
  const { header, hash } = row;
  return {
    kind: header.kind,
    state: 'COMMITTED',
    saleId: header.saleId,
    entryId: header.entryId,
    seq: header.seq,
    hash,
    at: header.at,
    payableMinor: header.payableMinor,
    pointsEarned: header.pointsEarned,
    pointsSpent: header.pointsSpent,
    exception: null,
    receipt: {
      lines: Array.from({ length: 12 }, (_, i) => ({ 'zh-CN': `第${i}行`, en: `line ${i}` })),
    },
  };
}

/** Chains and appends one entry with a sealed body, by itself; call it inside a transaction. */
export function appendEntry(
  store: Omit<Store, 'journal'>,
  n: number,
  options: { memberId?: MemberId; kind?: EntryKind; body?: unknown } = {},
): LedgerRow {
  const { memberId, kind = 'sale', body = { note: `body ${n}` } } = options;
  const { keyId, key } = store.keys.forSubject(memberId ?? 'guest');
  const entryId = `entry-${n}` as EntryDraft['entryId'];
  const { sealed, commitment } = sealBody(ledgerCrypto, {
    body,
    entryId,
    key,
    salt: randomBytes(32),
  });
  const { tillId, incarnation } = store;
  const draft = draftEntry(n, { entryId, kind, keyId, commitment, tillId, incarnation });
  const row = { ...linkEntry(ledgerCrypto.hash, draft, store.ledger.head()), sealed };
  store.ledger.append(row);
  return row;
}

/** Lines of a basket as they lie in a sealed body. */
const LINES = Array.from({ length: 12 }, (_, i) => ({
  lineId: `l${i}`,
  sku: `sku-${i}`,
  qty: 1 + (i % 3),
  unitPriceMinor: 990 + i,
  discounts: [{ ruleId: `rule-${i}`, discountMinor: 50 + i }],
}));

/** Facts of an entry that moves nothing but what is said. */
export function testFacts(
  memberId: MemberId | null,
  more: Partial<EntryFactsWritten> = {},
): EntryFactsWritten {
  return {
    memberId,
    couponsUsed: [],
    allowanceIds: [],
    spendMinor: 0,
    orders: 0,
    ruleUses: [],
    ...more,
  };
}

/** Everything that the commit of a member's sale writes, in one transaction. */
export function commitSale(
  store: Omit<Store, 'journal'>,
  n: number,
  memberId: MemberId,
): LedgerRow {
  return store.transaction(() => {
    const atMs = AT_MS + n;
    const row = appendEntry(store, n, {
      memberId,
      body: { lines: LINES, member: { memberId, tags: ['likes-tea'] } },
    });
    const lotId = `lot-${n}` as PointsLot['lotId'];
    store.points.upsertLots([testLot(lotId, memberId, 0)]);
    store.points.move([{ seq: row.header.seq, lotId, memberId, delta: 90 }]);
    store.outbox.append({
      kind: 'entry',
      seq: row.header.seq,
      atMs,
      facts: testFacts(memberId, { spendMinor: row.header.payableMinor, orders: 1 }),
    });
    store.replies.put({
      clientId: 'pos-1',
      key: `key-${n}-12345678`,
      operation: 'commit',
      target: `evaluation-${n}`,
      bodyHash: row.header.commitment,
      reply: testReply(row),
      atMs,
    });
    store.events.append(atMs, {
      kind: 'basket',
      basketId: `basket-${n}` as never,
      evaluationId: `evaluation-${n}` as EvaluationId,
      state: 'COMMITTED',
      saleId: row.header.saleId,
    });
    return row;
  });
}
