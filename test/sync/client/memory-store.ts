import { GENESIS_HASH } from '../../../agent/contract/ledger.ts';
import { ok } from '../../../agent/contract/result.ts';
import type { DocumentDue, Registration, SyncStore } from '../../../sync/client/ports.ts';
import { type Cursor, documentRowSchema, type FeedRow } from '../../../sync/protocol/feed.ts';
import type { Receipt, UploadItem } from '../../../sync/protocol/upload.ts';
import { createMemoryChecks, type MemoryChecks } from './checks/check-model.ts';

/** What a full disk throws, by the name that the store gives it. */
export function diskFull(): Error {
  return Object.assign(new Error('disk full'), { name: 'StorageError', code: 'disk-full' });
}

/** A till's database as sync sees it, in memory, with everything in the open. */
export interface MemoryStore extends SyncStore {
  readonly checks: MemoryChecks;
  /** Rows that came ahead of the feed. */
  readonly ahead: FeedRow[];
  readonly rows: Map<string, { readonly ver: number; readonly body: string | null }>;
  /** Each call of `apply`: rows and whether the cursor moved. */
  readonly transactions: { readonly rows: readonly FeedRow[]; readonly cursor?: Cursor }[];
  readonly outbox: UploadItem[];
  readonly releases: string[];
  readonly receipts: Receipt[];
  /** Each call of `sendAgain`. */
  readonly rewinds: number[];
  /** The number that the first item has which is sent again. */
  againFrom: number;
  crowded: boolean;
  readonly installed: Map<string, number>;
  open: string[];
  /** The next so many writes find the disk full. */
  failWrites: number;
  setCursor(cursor: Cursor | undefined): void;
  setReceived(received: { seq: number; outboxNo: number; backedUpSeq: number }): void;
  /** Puts an audit item into the outbox. */
  queue(count: number): void;
  /** The same content, as a copied data folder has it. */
  copy(): MemoryStore;
}

export function createMemoryStore(
  registration: Registration | undefined,
  incarnation = 'incarnation-1',
): MemoryStore {
  let known = registration;
  let cursor: Cursor | undefined;
  let confirmed: string | undefined;
  let staged: string | undefined;
  let received = { seq: 0, outboxNo: 0, backedUpSeq: 0 };
  let lastNo = 0;
  const write = (): void => {
    if (store.failWrites <= 0) return;
    store.failWrites -= 1;
    throw diskFull();
  };
  const store: MemoryStore = {
    tillId: 'till-1',
    incarnation,
    checks: createMemoryChecks(),
    ahead: [],
    rows: new Map(),
    transactions: [],
    outbox: [],
    releases: [],
    receipts: [],
    rewinds: [],
    againFrom: 1,
    crowded: false,
    installed: new Map(),
    open: [],
    failWrites: 0,
    setCursor(next) {
      cursor = next;
    },
    setReceived(next) {
      received = next;
    },
    queue(count) {
      for (let index = 0; index < count; index += 1) {
        lastNo += 1;
        store.outbox.push({
          kind: 'audit',
          no: lastNo,
          at: '2026-03-02T09:00:00.000Z',
          staffId: null,
          action: 'test',
          detail: { index },
        });
      }
    },
    copy() {
      const twin = createMemoryStore(known, incarnation);
      twin.setCursor(cursor);
      if (confirmed !== undefined) {
        twin.stageProof(confirmed);
        twin.confirmProof(confirmed);
      }
      if (staged !== undefined) twin.stageProof(staged);
      return twin;
    },
    registration: () => known,
    register(next) {
      known = next;
    },
    cursor: () => cursor,
    timeline: () => cursor?.timeline ?? null,
    apply(rows, to) {
      write();
      store.transactions.push({ rows, ...(to === undefined ? {} : { cursor: to }) });
      const changed: { table: string; key: string }[] = [];
      for (const [table, key, ver, body] of rows) {
        const at = `${table}/${key}`;
        if ((store.rows.get(at)?.ver ?? 0) >= ver) continue;
        store.rows.set(at, { ver, body });
        changed.push({ table, key });
      }
      if (to !== undefined) cursor = to;
      return { changed, ignored: rows.length - changed.length };
    },
    applyAhead(rows) {
      store.ahead.push(...rows);
      return store.apply(rows);
    },
    readRefused: () => ({ applied: { changed: [], ignored: 0 }, next: null }),
    fed: (table, key) => store.rows.get(`${table}/${key}`)?.body ?? undefined,
    fedKeys: (table) =>
      [...store.rows].flatMap(([at, { body }]) =>
        body !== null && at.startsWith(`${table}/`) ? [at.slice(table.length + 1)] : [],
      ),
    fedState(table, key) {
      const row = store.rows.get(`${table}/${key}`);
      if (row === undefined) return 'none';
      return row.body === null ? 'gone' : 'there';
    },
    removeAbsent: () => [],
    nextUpload: (maxItems) => store.outbox.slice(0, maxItems),
    waiting: () => ({ count: store.outbox.length, oldestMs: null }),
    acknowledge(receipt) {
      write();
      store.receipts.push(receipt);
      while (store.outbox[0] !== undefined && store.outbox[0].no <= receipt.outboxNo)
        store.outbox.shift();
      received = receipt;
      return ok(undefined);
    },
    received: () => received,
    former: () => [],
    isHeadKnown: () => true,
    sendAgain(afterSeq) {
      write();
      store.rewinds.push(afterSeq);
      store.outbox.forEach((item, index) => {
        store.outbox[index] = { ...item, no: store.againFrom + index };
      });
      lastNo = store.againFrom + store.outbox.length - 1;
    },
    isCrowded: () => store.crowded,
    proofs: () => [confirmed, staged].filter((proof) => proof !== undefined),
    stageProof(next) {
      write();
      staged ??= next;
      return staged;
    },
    confirmProof(sent) {
      write();
      if (staged !== sent) return;
      confirmed = staged ?? confirmed;
      staged = undefined;
    },
    openAllowances: () => store.open,
    queueRelease(allowanceId) {
      write();
      store.releases.push(allowanceId);
    },
    documentsDue() {
      const due: DocumentDue[] = [];
      for (const [at, { body }] of store.rows) {
        if (!at.startsWith('document/') || body === null) continue;
        const row = documentRowSchema.parse(JSON.parse(body));
        if (row.version > (store.installed.get(row.kind) ?? 0)) due.push(row);
      }
      return due;
    },
    pruneLedger: () => 0,
    ledger: {
      range: () => ({ from: 0, base: 0, head: { seq: 0, hash: GENESIS_HASH } }),
      contents: () => [],
      entries: () => [],
    },
    pruneTombstones: () => 0,
  };
  return store;
}

/** The start of a feed. */
export function origin(timeline: string): Cursor {
  return { timeline, pos: 0, chain: GENESIS_HASH };
}
