import { createSecretKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { vi } from 'vitest';
import type { EntryFacts } from '../../../../agent/contract/entry-facts.ts';
import type { JoinFacts } from '../../../../agent/contract/join.ts';
import type { EntryHeader } from '../../../../agent/contract/ledger.ts';
import type { Member } from '../../../../agent/contract/member.ts';
import type { Result } from '../../../../agent/contract/result.ts';
import { toInstant } from '../../../../agent/contract/time.ts';
import { canonicalJson } from '../../../../agent/domain/ledger/canonical-json.ts';
import { type ChainHead, GENESIS, linkEntry } from '../../../../agent/domain/ledger/chain.ts';
import {
  type BookHandlers,
  createBookHandlers,
} from '../../../../sync/hq/books/create-book-handlers.ts';
import type { HqDatabase } from '../../../../sync/hq/database/database.ts';
import type { HqCaller, HqDeps, TillCaller } from '../../../../sync/hq/deps.ts';
import { systemTimers } from '../../../../sync/hq/system-timers.ts';
import type { PointsAccount } from '../../../../sync/protocol/feed.ts';
import type { HqInput, HqReply } from '../../../../sync/protocol/hq-api.ts';
import type { HqFailure } from '../../../../sync/protocol/hq-error.ts';
import { keyIdOf, verifyDocument } from '../../../../sync/protocol/signed-document.ts';
import {
  RECEIPT_SCHEMA,
  type Receipt,
  receiptSchema,
  type UploadItem,
} from '../../../../sync/protocol/upload.ts';
import { draftEntry, ledgerCrypto, testMember } from '../../../support/ledger.ts';

/** A database engine that has to share two cores with other tests may take its time. */
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

/** 2026-11-21 16:30 in Shanghai. */
export const NOON_MS = Date.UTC(2026, 10, 21, 8, 30);
export const TODAY = '2026-11-21';

export const online: HqCaller = { kind: 'online', name: 'shop' };
export const admin: HqCaller = { kind: 'admin', name: 'it' };

const keyPair = generateKeyPairSync('ed25519');
const KEY_ID = keyIdOf(keyPair.publicKey);

export interface BooksRig {
  readonly db: HqDatabase;
  readonly deps: HqDeps;
  readonly books: BookHandlers;
  readonly logged: { message: string; fields: unknown }[];
  /** HQ's clock. */
  clockMs: number;
  till(tillId: string, more?: Partial<TillCaller>): TestTill;
  member(n: number, more?: Partial<Member>): Promise<string>;
  /** Gives a member one lot of points. */
  lot(memberId: string, lotId: string, points: number, more?: Partial<Lot>): Promise<void>;
  setting(key: string, body: unknown): Promise<void>;
  account(memberId: string): Promise<PointsAccount>;
  balance(memberId: string): Promise<number>;
  body(memberId: string): Promise<Member & { spendYear?: number }>;
  exceptions(): Promise<string[]>;
}

type Lot = PointsAccount['lots'][number];

/** The books over a database, with a clock that stands still. */
export function openBooks(db: HqDatabase): BooksRig {
  const logged: BooksRig['logged'] = [];
  const deps: HqDeps = {
    db,
    nowMs: () => rig.clockMs,
    random: (bytes) => randomBytes(bytes),
    timers: systemTimers,
    keys: {
      signing: { keyId: KEY_ID, privateKey: keyPair.privateKey },
      tokens: createSecretKey(new Uint8Array(32)),
    },
    log: (_level, message, fields) => logged.push({ message, fields }),
    currency: 'CNY',
    timeZone: 'Asia/Shanghai',
  };
  const books = createBookHandlers(deps);
  const rig: BooksRig = {
    db,
    deps,
    books,
    logged,
    clockMs: NOON_MS,
    till: (tillId, more = {}) => createTestTill(books, tillId, more),
    async member(n, more = {}) {
      const member = testMember(n, {
        tags: [],
        groups: [],
        entitlements: [],
        tier: 'standard',
        ...more,
      });
      await db.query(
        'INSERT INTO members (member_id, phone, gsrn, home_store_id, body) VALUES ($1, $2, $3, $4, $5)',
        [
          member.memberId,
          member.phone ?? null,
          member.gsrn ?? null,
          member.homeStoreId ?? null,
          canonicalJson(member),
        ],
      );
      for (const card of member.cards)
        await db.query('INSERT INTO member_cards VALUES ($1, $2)', [card, member.memberId]);
      return member.memberId;
    },
    async lot(memberId, lotId, points, more = {}) {
      const account = await rig.account(memberId);
      const lot = {
        lotId,
        points,
        earnedAt: '2026-01-01T00:00:00.000Z',
        channel: 'store',
        bucket: 'base',
        source: 'test',
        ...more,
      };
      await db.query(
        `INSERT INTO point_accounts (member_id, body) VALUES ($1, $2)
         ON CONFLICT (member_id) DO UPDATE SET body = excluded.body`,
        [memberId, canonicalJson({ ...account, lots: [...account.lots, lot] })],
      );
    },
    async setting(key, body) {
      await db.query(
        'INSERT INTO settings VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET body = EXCLUDED.body',
        [key, JSON.stringify(body)],
      );
    },
    async account(memberId) {
      const [row] = await db.query<{ body: string }>(
        'SELECT body FROM point_accounts WHERE member_id = $1',
        [memberId],
      );
      const none = { memberId, lots: [], booked: {} };
      return (row === undefined ? none : JSON.parse(row.body)) as PointsAccount;
    },
    async balance(memberId) {
      return (await rig.account(memberId)).lots.reduce((sum, lot) => sum + lot.points, 0);
    },
    async body(memberId) {
      const [row] = await db.query<{ body: string }>(
        'SELECT body FROM members WHERE member_id = $1',
        [memberId],
      );
      return JSON.parse(row?.body ?? 'null');
    },
    async exceptions() {
      const rows = await db.query<{ code: string }>('SELECT code FROM exceptions ORDER BY id');
      return rows.map((row) => row.code);
    },
  };
  return rig;
}

export interface EntryOptions extends Partial<EntryFacts> {
  readonly header?: Partial<EntryHeader>;
}

/** A till that writes its ledger and its outbox as the real one does. */
export interface TestTill {
  readonly caller: TillCaller;
  /** Everything written, by outbox number from 1 on. */
  readonly outbox: UploadItem[];
  entry(options?: EntryOptions): Extract<UploadItem, { kind: 'entry' }>;
  join(join: Partial<JoinFacts>): UploadItem;
  release(allowanceId: string): UploadItem;
  audit(action: string): UploadItem;
  /** Sends what was written since `from` (an outbox number, 1 unless given). */
  send(from?: number): Promise<Result<HqReply<'upload'>, HqFailure>>;
  sendItems(items: readonly UploadItem[]): Promise<Result<HqReply<'upload'>, HqFailure>>;
  reserve(
    allowanceId: string,
    what: HqInput<'reserve'>['what'],
    more?: Partial<HqInput<'reserve'>>,
  ): Promise<Result<HqReply<'reserve'>, HqFailure>>;
}

/** A sale of a member: earns a lot of its own, spends from lots named. */
export function saleFacts(
  memberId: string | null,
  {
    saleId,
    earned = 0,
    spent = {},
    spendMinor = 0,
  }: {
    saleId: string;
    earned?: number;
    spent?: Readonly<Record<string, number>>;
    spendMinor?: number;
  },
): EntryOptions {
  const used = Object.entries(spent);
  return {
    memberId: memberId as EntryFacts['memberId'],
    movements: [
      ...used.map(([lotId, points]) => ({ lotId, delta: -points })),
      ...(earned === 0
        ? []
        : [
            {
              lotId: `${saleId}.base`,
              delta: earned,
              lot: {
                earnedAt: toInstant(NOON_MS),
                channel: 'store' as const,
                bucket: 'base',
                source: `sale:${saleId}`,
              },
            },
          ]),
    ],
    spendMinor,
    orders: 1,
    header: {
      saleId: saleId as EntryHeader['saleId'],
      pointsEarned: earned,
      pointsSpent: used.reduce((sum, [, points]) => sum + points, 0),
      payableMinor: spendMinor,
    },
  };
}

let entries = 0;

function createTestTill(books: BookHandlers, tillId: string, more: Partial<TillCaller>): TestTill {
  const caller: TillCaller = {
    kind: 'till',
    tillId,
    storeId: 'store-1',
    incarnation: `incarnation-${tillId}`,
    protocol: 2,
    ...more,
  };
  const outbox: UploadItem[] = [];
  let head: ChainHead = GENESIS;
  const put = <Item extends UploadItem>(item: Item): Item => {
    outbox.push(item);
    return item;
  };
  const nextNo = () => outbox.length + 1;

  return {
    caller,
    outbox,
    entry({ header: headerMore = {}, ...facts } = {}) {
      const n = ++entries;
      const draft = draftEntry(n, {
        tillId: tillId as EntryHeader['tillId'],
        incarnation: caller.incarnation,
        storeId: caller.storeId as EntryHeader['storeId'],
        keyId: `key-${tillId}-0000`,
        pointsEarned: 0,
        pointsSpent: 0,
        ...headerMore,
      });
      const { header, hash } = linkEntry(ledgerCrypto.hash, draft, head);
      head = { seq: header.seq, hash };
      return put({
        kind: 'entry',
        no: nextNo(),
        header: canonicalJson(header),
        hash,
        sealed: Buffer.from(`sealed body ${n}`).toString('base64'),
        key: Buffer.alloc(32, n % 256).toString('base64'),
        facts: {
          memberId: null,
          movements: [],
          couponsUsed: [],
          allowanceIds: [],
          spendMinor: 0,
          orders: 0,
          ruleUses: [],
          ...facts,
        },
      });
    },
    join: (join) =>
      put({
        kind: 'join',
        no: nextNo(),
        join: {
          provisionalId: 'join-1',
          phone: '13900000001',
          consentVersion: 'v1',
          consentChannel: 'customer-screen',
          staffId: 'staff-1',
          at: toInstant(NOON_MS),
          ...join,
        } as JoinFacts,
      }),
    release: (allowanceId) => put({ kind: 'release', no: nextNo(), allowanceId }),
    audit: (action) =>
      put({
        kind: 'audit',
        no: nextNo(),
        at: toInstant(NOON_MS),
        staffId: null,
        action,
        detail: {},
      }),
    send(from = 1) {
      return this.sendItems(outbox.slice(from - 1));
    },
    sendItems: (items) =>
      books.upload(caller, { incarnation: caller.incarnation, items: [...items] }, undefined),
    reserve: (allowanceId, what, reserveMore = {}) =>
      books.reserve(
        caller,
        {
          allowanceId,
          memberId: null,
          evaluationId: `evaluation-${allowanceId}` as HqInput<'reserve'>['evaluationId'],
          what,
          holdUntil: toInstant(NOON_MS + 600_000),
          ...reserveMore,
        },
        undefined,
      ),
  };
}

/** The receipt of an upload, its signature proved. */
export function receiptOf(reply: Result<HqReply<'upload'>, HqFailure>): Receipt {
  if (!reply.ok) throw new Error(JSON.stringify(reply.error));
  const opened = verifyDocument(
    reply.value.receipt,
    RECEIPT_SCHEMA,
    new Map([[KEY_ID, keyPair.publicKey]]),
  );
  if (!opened.ok) throw new Error(opened.error.message);
  return receiptSchema.parse(opened.value);
}

/** The code of a refusal, or `ok`. */
export function codeOf(reply: Result<unknown, HqFailure>): string {
  return reply.ok ? 'ok' : reply.error.code;
}
