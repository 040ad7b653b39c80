import { err, ok, type Result } from '../../../agent/contract/result.ts';
import {
  CHECK_ROWS_MAX_BYTES,
  type CheckReply,
  type CheckRequest,
  type NodesReply,
  type RootsReply,
  type RowsReply,
} from '../../protocol/check.ts';
import { listedMaxRows } from '../../protocol/drift-limits.ts';
import { EVERY_STORE } from '../../protocol/feed.ts';
import { type HqFailure, hqFailure } from '../../protocol/hq-error.ts';
import type { TableRoot } from '../../protocol/table-root.ts';
import { BUCKETS, DIGEST_BYTES, FAN_OUT, NODE_BYTES } from '../../protocol/tree-shape.ts';
import type { HqDeps, TillCaller } from '../deps.ts';
import { shownTables } from '../feed/hidden-tables.ts';
import { readRoots, rootsTextSql } from '../feed/roots-sql.ts';
import { createSumsCache } from './create-sums-cache.ts';
import { createWalkSlots } from './create-walk-slots.ts';
import { listBuckets } from './list-buckets.ts';
import { sourceHas } from './publish-lost.ts';
import { bytesOf, numbersOf, readRightRows } from './read-right-rows.ts';

export interface ChecksLimits {
  /** Rows that one answer lists, at most, of a table with so many rows. */
  readonly listedRows: (rows: number) => number;
  readonly rowBytes: number;
}
export const CHECKS_LIMITS: ChecksLimits = {
  listedRows: listedMaxRows,
  rowBytes: CHECK_ROWS_MAX_BYTES,
};

/** $1 store, $2 tables. */
const ROOTS_SQL = `SELECT ${rootsTextSql('SELECT unnest($2::text[])')} AS roots`;

type Question<T extends CheckRequest['t']> = Extract<CheckRequest, { t: T }>;

/** Headquarters' side of full-volume checks; see `sync/protocol/check.ts` for what is asked and answered. */
export interface Checks {
  /**
   * Refuses the cursor of a `rows` question as the feed does, a question whose parts do not fit each other
   * (`invalid-input`), buckets with more rows than an answer lists (`too-large`), and a walk beyond those that run already
   * (`busy`). So is a walk of a table whose rows here are not those that its root, or their source, says: it would take for
   * drift what is lost here. Roots alone never wait: a clean check costs what a page costs.
   */
  answer(
    till: TillCaller,
    request: CheckRequest,
  ): Promise<Result<CheckReply<CheckRequest['t']>, HqFailure>>;
}

/** @param onUnfit told of each table whose rows here are not those that tills should hold, so that it is looked at */
export function createChecks(
  deps: Pick<HqDeps, 'db' | 'nowMs' | 'random'>,
  limits: ChecksLimits = CHECKS_LIMITS,
  onUnfit: (storeId: string, table: string) => void = () => {},
): Checks {
  const { db } = deps;
  const cache = createSumsCache(deps);
  const slots = createWalkSlots(deps);

  /** The answer of a table that has to be put right here first. */
  function unfit({ tillId, storeId }: TillCaller, table: string): Result<never, HqFailure> {
    onUnfit(storeId, table);
    slots.end(tillId);
    return slots.busy();
  }

  async function answerRoots(
    till: TillCaller,
    { roots: theirs }: Question<'roots'>,
  ): Promise<Result<RootsReply, HqFailure>> {
    const { tillId, storeId, protocol } = till;
    const [line] = await db.query<{ roots: string | null }>(ROOTS_SQL, [
      storeId,
      shownTables(protocol),
    ]);
    const differ = differingRoots(readRoots(line?.roots ?? null), theirs);
    if (differ.length === 0) {
      slots.end(tillId);
      return ok({ differ: [] });
    }
    return slots.within(tillId, async () => {
      const told: RootsReply['differ'] = [];
      for (const { table, rows, sum } of differ) {
        const { levels, fits } = await cache.tree(storeId, table, sum);
        if (!fits) return unfit(till, table);
        told.push([table, rows, levels[0] as Buffer]);
      }
      return ok({ differ: told });
    });
  }

  async function answerNodes(
    till: TillCaller,
    { table, level, parents, sums }: Question<'nodes'>,
  ): Promise<Result<NodesReply, HqFailure>> {
    const above = numbersOf(parents);
    const { levels, fits } = await cache.tree(till.storeId, table);
    if (!fits) return unfit(till, table);
    const ours = levels[level - 1] as Buffer;
    const theirs = bytesOf(sums);
    const differing = above.flatMap((parent, nth) =>
      Array.from({ length: FAN_OUT }, (_, child) => child).flatMap((child) => {
        const node = parent * FAN_OUT + child;
        const here = ours.subarray(NODE_BYTES * node, NODE_BYTES * (node + 1));
        const at = NODE_BYTES * (nth * FAN_OUT + child);
        return here.equals(theirs.subarray(at, at + NODE_BYTES)) ? [] : [node];
      }),
    );
    if (level === 4) return answerBuckets(till, table, differing);
    const below = levels[level] as Buffer;
    const bytes = NODE_BYTES * FAN_OUT;
    return ok({
      differ: packNumbers(differing, 2),
      sums: Buffer.concat(
        differing.map((node) => below.subarray(bytes * node, bytes * (node + 1))),
      ),
      counts: Buffer.alloc(0),
      digests: Buffer.alloc(0),
    });
  }

  async function answerBuckets(
    till: TillCaller,
    table: string,
    differing: readonly number[],
  ): Promise<Result<NodesReply, HqFailure>> {
    const { storeId } = till;
    // Where more lie in the buckets that differ, a copy is cheaper.
    const { fits, listed } = await cache.inTurn(async () => {
      const [line] = await db.query<{ roots: string | null }>(ROOTS_SQL, [storeId, [table]]);
      const rows = readRoots(line?.roots ?? null)[0]?.rows ?? 0;
      return listBuckets(db, storeId, table, differing, limits.listedRows(rows));
    });
    if (!fits) return unfit(till, table);
    if (listed === undefined) return err(hqFailure('too-large', 'parents'));
    const rows = differing.map((bucket) => listed.get(bucket) ?? []);
    return ok({
      differ: packNumbers(differing, 2),
      sums: Buffer.alloc(0),
      counts: packNumbers(
        rows.map(({ length }) => length),
        4,
      ),
      digests: Buffer.concat(rows.flat()),
    });
  }

  async function answerRows(
    till: TillCaller,
    request: Question<'rows'>,
  ): Promise<Result<RowsReply, HqFailure>> {
    const { storeId } = till;
    const { table } = request;
    const read = await cache.inTurn(() => readRightRows(db, storeId, request, limits.rowBytes));
    if (!read.ok) return read;
    // The till takes a row away whose version is 0, so nobody may be carried by the store of whom that is said.
    const nowhere = read.value.rows.flatMap(([key, ver]) =>
      ver === 0 && !key.includes('\0') ? [key] : [],
    );
    for (const scope of [EVERY_STORE, storeId])
      if (await sourceHas(db, { scope, tbl: table }, nowhere)) return unfit(till, table);
    return read;
  }

  return {
    async answer(till, request) {
      switch (request.t) {
        case 'roots':
          return answerRoots(till, request);
        case 'nodes': {
          const wrong = nodesProblem(request);
          if (wrong !== undefined) return err(wrong);
          return slots.within(till.tillId, () => answerNodes(till, request));
        }
        case 'rows': {
          const wrong = rowsProblem(request);
          if (wrong !== undefined) return err(wrong);
          return slots.within(till.tillId, () => answerRows(till, request));
        }
      }
    },
  };
}

/** Tables whose root is another one here; a table that either side does not name counts as empty. */
function differingRoots(
  ours: readonly TableRoot[],
  theirs: Question<'roots'>['roots'],
): TableRoot[] {
  const empty = { rows: 0, sum: '0'.repeat(2 * DIGEST_BYTES) };
  const named = new Map(
    theirs.map(([table, rows, sum]) => [table, { rows, sum: bytesOf(sum).toString('hex') }]),
  );
  const known = new Set(ours.map(({ table }) => table));
  const all = [
    ...ours,
    ...[...named.keys()].filter((table) => !known.has(table)).map((table) => ({ table, ...empty })),
  ];
  return all.filter(({ table, rows, sum }) => {
    const their = named.get(table) ?? empty;
    return their.rows !== rows || their.sum !== sum;
  });
}

function nodesProblem({ level, parents, sums }: Question<'nodes'>): HqFailure | undefined {
  const most = FAN_OUT ** (level - 1);
  if (!areRising(parents, most))
    return invalid('parents', `numbers of 2 bytes below ${most}, rising`);
  const bytes = (parents.length / 2) * FAN_OUT * NODE_BYTES;
  return sums.length === bytes ? undefined : invalid('sums', `expected ${bytes} bytes`);
}

function rowsProblem({ buckets, wanted }: Question<'rows'>): HqFailure | undefined {
  if (!areRising(buckets, BUCKETS)) return invalid('buckets', 'numbers of 2 bytes, rising');
  return wanted.length % NODE_BYTES === 0
    ? undefined
    : invalid('wanted', `a multiple of ${NODE_BYTES} bytes`);
}

/** Whether these are whole numbers of 2 bytes below `most`, each above the one before. */
function areRising(packed: Uint8Array, most: number): boolean {
  if (packed.length % 2 !== 0) return false;
  const numbers = numbersOf(packed);
  return numbers.every((n, i) => n < most && (i === 0 || n > (numbers[i - 1] as number)));
}

function packNumbers(numbers: readonly number[], bytes: 2 | 4): Buffer {
  const packed = Buffer.alloc(bytes * numbers.length);
  for (const [i, n] of numbers.entries()) packed.writeUIntBE(n, bytes * i, bytes);
  return packed;
}

function invalid(field: string, problem: string): HqFailure {
  return hqFailure('invalid-input', field, { problem });
}
