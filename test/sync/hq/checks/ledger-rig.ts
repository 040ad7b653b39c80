import { expect } from 'vitest';
import type { MemberId } from '../../../../agent/contract/index.ts';
import type { Store } from '../../../../agent/store/store.ts';
import type { CallFailure } from '../../../../sync/client/call-failure.ts';
import { proveLedger } from '../../../../sync/client/checks/ledger-proof.ts';
import type { SyncStore } from '../../../../sync/client/ports.ts';
import { createLedgerHandlers } from '../../../../sync/hq/checks/ledger/create-ledger-handlers.ts';
import type { HqDatabase } from '../../../../sync/hq/database/database.ts';
import type { HqCaller, TillCaller } from '../../../../sync/hq/deps.ts';
import type { CheckRecord } from '../../../../sync/protocol/check.ts';
import { type HqCall, hqApi } from '../../../../sync/protocol/hq-api.ts';
import { UPLOAD_MAX_BYTES } from '../../../../sync/protocol/upload.ts';
import { commitSale } from '../../../support/ledger.ts';
import { openTestStore, type TestStore } from '../../../support/store.ts';
import { type BooksRig, NOON_MS, openBooks, receiptOf } from '../books/rig.ts';

/** A real till's database and a real headquarters, without a wire between them. */
export interface LedgerRig {
  readonly hq: BooksRig;
  readonly till: TestStore;
  readonly caller: TillCaller;
  readonly memberId: MemberId;
  /** Calls that the proofs made, in order. */
  readonly calls: string[];
  /** Troubles that stand, with their detail. */
  readonly troubles: Map<string, string>;
  /** Sells, sends and takes the receipts. */
  sell(count: number): Promise<void>;
  /** Sends what waits; answers the receipt's head. */
  send(): Promise<number>;
  /** @param store another store than the till's own */
  prove(store?: SyncStore): Promise<CheckRecord>;
  /** Runs SQL at HQ that nothing of the product would: the triggers of the ledger stand aside. */
  harm(sql: string): Promise<void>;
  alarms(): Promise<string[]>;
  /** Actions that HQ wrote into the audit, with the entries that they name. */
  audited(): Promise<[string, number[]][]>;
}

export async function openLedgerRig(db: HqDatabase): Promise<LedgerRig> {
  const hq = openBooks(db);
  const till = openTestStore();
  const memberId = (await hq.member(1)) as MemberId;
  const caller: TillCaller = {
    kind: 'till',
    tillId: 'till-1',
    storeId: 'store-1',
    incarnation: till.store.incarnation,
    protocol: 4,
  };
  const handlers: Record<string, unknown> = createLedgerHandlers(hq.deps);
  const troubles = new Map<string, string>();
  const calls: string[] = [];
  let sold = 0;
  const sync = () => till.store.sync as Store['sync'];

  async function call(name: HqCall, input: unknown) {
    calls.push(name === 'proveLedger' ? `${name} ${(input as { t: string }).t}` : name);
    const parsed = hqApi[name].input.parse(input);
    const handler = handlers[name] as (
      caller: HqCaller,
      input: unknown,
    ) => Promise<{ ok: boolean; value?: unknown; error?: { code: string; detail?: object } }>;
    const answer = await handler(caller, parsed);
    if (answer.ok) return { ok: true, value: hqApi[name].reply.parse(answer.value) };
    const error = {
      code: 'refused',
      refusal: answer.error?.code,
      detail: answer.error?.detail ?? {},
      retryAfterMs: null,
    } as CallFailure;
    return { ok: false, error };
  }

  const rig: LedgerRig = {
    hq,
    till,
    caller,
    memberId,
    calls,
    troubles,
    async sell(count) {
      for (let n = 0; n < count; n++) commitSale(till.store, ++sold, memberId);
      await rig.send();
    },
    async send() {
      for (;;) {
        const items = sync().nextUpload(200, UPLOAD_MAX_BYTES);
        if (items.length === 0) return sync().received().seq;
        const { incarnation } = caller;
        const receipt = receiptOf(await hq.books.upload(caller, { incarnation, items }, undefined));
        expect(sync().acknowledge(receipt)).toEqual({ ok: true });
      }
    },
    async prove(store = sync()) {
      const [row] = await db.query<{ value: string }>(
        "SELECT value FROM hq_meta WHERE name = 'digest-key'",
      );
      calls.length = 0;
      return proveLedger(
        {
          deps: {
            store,
            clock: { now: () => NOON_MS, monoMs: () => 0 },
            log: () => {},
          },
          session: { call: call as never },
          troubles: {
            raise: (code, detail) => void troubles.set(code, detail),
            clear: (code) => void troubles.delete(code),
          },
          yieldNow: () => new Promise((resolve) => setImmediate(resolve)),
          key: Buffer.from(row?.value ?? '', 'hex'),
          why: 'asked',
        },
        new AbortController().signal,
      );
    },
    async harm(sql) {
      await db.script(`ALTER TABLE ledger DISABLE TRIGGER USER; ${sql};
        ALTER TABLE ledger ENABLE TRIGGER USER`);
    },
    async alarms() {
      const rows = await db.query<{ code: string; detail: string }>(
        'SELECT code, detail FROM alarms ORDER BY id',
      );
      return rows.map(({ code, detail }) =>
        `${code} ${detail.replace(caller.incarnation, '')}`.replace('  ', ' '),
      );
    },
    async audited() {
      const rows = await db.query<{ action: string; detail: string }>(
        "SELECT action, detail FROM audit WHERE action LIKE 'ledger-%' ORDER BY id",
      );
      return rows.map(({ action, detail }) => [action, JSON.parse(detail).seqs]);
    },
  };
  return rig;
}
