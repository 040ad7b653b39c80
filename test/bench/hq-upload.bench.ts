import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EntryHeader } from '../../agent/contract/ledger.ts';
import { canonicalJson } from '../../agent/domain/ledger/canonical-json.ts';
import { GENESIS, linkEntry } from '../../agent/domain/ledger/chain.ts';
import { createBookHandlers } from '../../sync/hq/books/create-book-handlers.ts';
import type { HqDatabase } from '../../sync/hq/database/database.ts';
import type { TillCaller } from '../../sync/hq/deps.ts';
import { inBulk } from '../../sync/hq/records/bulk.ts';
import { writeMembers } from '../../sync/hq/records/write-members.ts';
import { UPLOAD_MAX_ITEMS, type UploadItem } from '../../sync/protocol/upload.ts';
import { startTestHq } from '../support/hq.ts';
import { draftEntry, ledgerCrypto, testMember } from '../support/ledger.ts';
import { must } from '../support/must.ts';
import type { Benchmark, BenchmarkResult } from './benchmark.ts';
import { comparePairs } from './sync-pairs.ts';

const MEMBERS = 20_000;
/** Uploads of a till in one measurement. */
const UPLOADS = 5;
/** Tills that upload at once. */
const TILLS = 4;
const SAMPLES = 3;
/** Bytes of a sealed body: a basket of a dozen lines with its evaluation. */
const SEALED_BYTES = 3_000;

const sealed = Buffer.alloc(SEALED_BYTES, 7);
let sold = 0;

interface Sales {
  readonly tillId: string;
  readonly incarnation: string;
  readonly uploads: readonly (readonly Extract<UploadItem, { kind: 'entry' }>[])[];
}

/** The first sales of a till that nobody has heard of: each of another member, each earns a lot of points. */
function salesOf(tillId: string): Sales {
  const incarnation = `incarnation-${tillId}`;
  let head = GENESIS;
  let no = 0;
  const uploads = Array.from({ length: UPLOADS }, () =>
    Array.from({ length: UPLOAD_MAX_ITEMS }, () => {
      sold += 1;
      no += 1;
      const saleId = `sale-${sold}` as EntryHeader['saleId'];
      const { header, hash } = linkEntry(
        ledgerCrypto.hash,
        draftEntry(sold, {
          tillId: tillId as EntryHeader['tillId'],
          incarnation,
          storeId: 's1' as EntryHeader['storeId'],
          keyId: `key-${tillId}-${no}`,
          pointsEarned: 90,
          saleId,
        }),
        head,
      );
      head = { seq: header.seq, hash };
      return {
        kind: 'entry' as const,
        no,
        header: canonicalJson(header),
        hash,
        sealed: sealed.toString('base64'),
        key: Buffer.alloc(32, no % 256).toString('base64'),
        facts: {
          memberId: testMember((sold * 7_919) % MEMBERS).memberId,
          movements: [
            {
              lotId: `${saleId}.base`,
              delta: 90,
              lot: {
                earnedAt: header.at,
                channel: 'store' as const,
                bucket: 'base',
                source: `sale:${saleId}`,
              },
            },
          ],
          couponsUsed: [],
          allowanceIds: [],
          spendMinor: 9_000,
          orders: 1,
          ruleUses: [],
        },
      };
    }),
  );
  return { tillId, incarnation, uploads };
}

const freshTills = (): Sales[] => {
  const first = sold;
  return Array.from({ length: TILLS }, (_, n) => salesOf(`till-${first}-${n}`));
};

async function perSecond(work: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  await work();
  return (TILLS * UPLOADS * UPLOAD_MAX_ITEMS * 1_000) / (performance.now() - startMs);
}

/** What the engine alone takes for rows of at least the same size with the same keys, a transaction an upload. */
async function insertBare(db: HqDatabase, { tillId, uploads }: Sales): Promise<void> {
  for (const items of uploads)
    await db.query(
      `INSERT INTO bench_ledger SELECT $1, * FROM unnest($2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[])`,
      [
        tillId,
        items.map(({ no }) => no),
        items.map(({ hash }) => hash),
        items.map(({ header }) => header),
        items.map(() => sealed.toString('hex')),
        items.map(({ facts }) => JSON.stringify(facts)),
      ],
    );
}

/** Sales booked by headquarters: ledger, account of the member, figures, feed; four tills at once, 200 items an upload. */
async function upload(): Promise<BenchmarkResult> {
  const folder = mkdtempSync(join(tmpdir(), 'tillside-bench-upload-'));
  // The embedded server runs as a user of its own where this one is root: it has to get through.
  chmodSync(folder, 0o711);
  const hq = await startTestHq({
    database: { kind: 'embedded', folder: join(folder, 'database') },
    stores: ['s1'],
  });
  try {
    const { deps } = hq;
    const books = createBookHandlers(deps);
    await deps.db.script(`CREATE TABLE bench_ledger (till_id text COLLATE "C", seq bigint, hash text, header text,
      sealed text, facts text, PRIMARY KEY (till_id, seq), UNIQUE (hash))`);
    await inBulk(deps.db, (tx) =>
      writeMembers(tx, {
        members: Array.from({ length: MEMBERS }, (_, n) =>
          testMember(n, { homeStoreId: 's1' as never }),
        ),
        accounts: [],
        rule: { scope: 'home' },
        nowMs: Date.now(),
      }),
    );
    while ((await deps.db.query('SELECT 1 FROM outbox LIMIT 1')).length > 0) await sleep(50);

    async function send({ tillId, incarnation, uploads }: Sales): Promise<void> {
      const caller: TillCaller = { kind: 'till', tillId, storeId: 's1', incarnation, protocol: 4 };
      for (const items of uploads)
        must(await books.upload(caller, { incarnation, items: [...items] } as never, undefined));
    }
    await Promise.all(freshTills().map(send));
    return await comparePairs({
      name: 'hq: sales booked, 4 tills at once, PostgreSQL',
      unit: 'sales/s',
      baselineName: 'bare inserts of the ledger rows alone',
      samples: SAMPLES,
      ours: () => {
        const tills = freshTills();
        return perSecond(() => Promise.all(tills.map(send)));
      },
      baseline: () => {
        const tills = freshTills();
        return perSecond(() => Promise.all(tills.map((till) => insertBare(deps.db, till))));
      },
    });
  } finally {
    await hq.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

export const benchmarks: readonly Benchmark[] = [{ name: 'hq-upload', run: upload }];
