import type { Checks } from '../../../../sync/hq/checks/create-checks.ts';
import type { HqDatabase } from '../../../../sync/hq/database/database.ts';
import type { TillCaller } from '../../../../sync/hq/deps.ts';
import { createFeedReader } from '../../../../sync/hq/feed/create-feed-reader.ts';
import {
  type CheckReply,
  type CheckRequest,
  nodesReplySchema,
  type RowsReply,
  rootsReplySchema,
  rowsReplySchema,
} from '../../../../sync/protocol/check.ts';
import { addDigest, bucketOf, rowDigest } from '../../../../sync/protocol/digest.ts';
import type { Cursor } from '../../../../sync/protocol/feed.ts';
import { rowHash } from '../../../../sync/protocol/feed-hash.ts';
import { BUCKETS, FAN_OUT, NODE_BYTES } from '../../../../sync/protocol/tree-shape.ts';
import { must } from '../../../support/hq-database.ts';
import { atTheBeginning } from '../feed/follow.ts';
import { digestKeyOf, rootOf } from './digest-model.ts';

/** One row that a model of a till holds. */
export interface HeldRow {
  readonly ver: number;
  readonly body: string;
}

/** What one table of a till holds, by key. */
export type HeldTable = Map<string, HeldRow>;

export function callerOf(tillId = 'till-1', storeId = 's1', protocol = 4): TillCaller {
  return { kind: 'till', tillId, storeId, incarnation: 'inc-00000001', protocol };
}

/** A model of a till that follows the feed of a store and asks the questions of a walk. */
export async function createModelTill(db: HqDatabase, storeId = 's1') {
  const reader = createFeedReader({ db });
  const digestKey = await digestKeyOf(db);
  const tables = new Map<string, HeldTable>();
  let cursor = await atTheBeginning(reader);
  const table = (name: string): HeldTable => {
    const held = tables.get(name) ?? new Map<string, HeldRow>();
    tables.set(name, held);
    return held;
  };
  return {
    table,
    cursor: (): Cursor => cursor,
    async follow(): Promise<void> {
      for (;;) {
        const page = must(await reader.readPage({ storeId, cursor, protocol: 4 }));
        for (const [name, key, ver, body] of page.rows)
          if (body === null) table(name).delete(key);
          else table(name).set(key, { ver, body });
        cursor = page.to;
        if (page.exact) return;
      }
    },
    rootsQuestion(): Extract<CheckRequest, { t: 'roots' }> {
      return {
        t: 'roots',
        roots: [...tables].map(([name, held]) => {
          const { rows, sum } = rootOf(digestKey, rowsOf(name, held));
          return [name, rows, Buffer.from(sum, 'hex')];
        }),
      };
    },
    /** Sums of a level, `NODE_BYTES` a node. */
    level(name: string, level: number): Buffer {
      const nodes = FAN_OUT ** level;
      const sums = new Uint32Array(4 * nodes);
      for (const row of rowsOf(name, table(name))) {
        const node = Math.floor((bucketOf(row.key) * nodes) / BUCKETS);
        addDigest(
          sums,
          4 * node,
          rowDigest(digestKey, rowHash([name, row.key, row.ver, row.body])),
          1,
        );
      }
      const bytes = Buffer.alloc(NODE_BYTES * nodes);
      for (let node = 0; node < nodes; node++)
        for (const word of [0, 1])
          bytes.writeUInt32BE(sums[4 * node + word] as number, NODE_BYTES * node + 4 * word);
      return bytes;
    },
    /** First 8 bytes of a row's digest as hex -> its key. */
    digests(name: string): Map<string, string> {
      return new Map(
        rowsOf(name, table(name)).map(({ key, ver, body }) => [
          rowDigest(digestKey, rowHash([name, key, ver, body])).toString('hex', 0, NODE_BYTES),
          key,
        ]),
      );
    },
  };
}

export type ModelTill = Awaited<ReturnType<typeof createModelTill>>;

function rowsOf(tbl: string, held: HeldTable) {
  return [...held].map(([key, { ver, body }]) => ({ tbl, key, ver, body }));
}

/** Asks one question as over the wire: the answer must have the form of the protocol. */
export async function ask<T extends CheckRequest['t']>(
  checks: Checks,
  caller: TillCaller,
  question: Extract<CheckRequest, { t: T }>,
): Promise<CheckReply<T>> {
  const forms = { roots: rootsReplySchema, nodes: nodesReplySchema, rows: rowsReplySchema };
  const answer = must(await checks.answer(caller, question as CheckRequest));
  return forms[question.t].parse(answer) as CheckReply<T>;
}

/** Walks one table from its differing root down and gives the rows that headquarters says; null where roots agree. */
export async function walk(
  checks: Checks,
  till: ModelTill,
  table: string,
  caller = callerOf(),
): Promise<RowsReply | null> {
  const roots = await ask(checks, caller, till.rootsQuestion());
  const found = roots.differ.find(([name]) => name === table);
  if (found === undefined) return null;
  const first = differing(till.level(table, 1), Buffer.from(found[2]), [...Array(FAN_OUT).keys()]);
  const middle = await askNodes(checks, caller, till, table, 2, first);
  const second = numbers(middle.differ);
  const third = differing(
    till.level(table, 3),
    Buffer.from(middle.sums),
    second.flatMap((node) => children(node)),
  );
  const leaves = await askNodes(checks, caller, till, table, 4, third);
  const buckets = numbers(leaves.differ);
  const mine = till.digests(table);
  const theirs: { bucket: number; digest: string }[] = [];
  const counts = Buffer.from(leaves.counts);
  const digests = Buffer.from(leaves.digests).toString('hex');
  for (const [i, bucket] of buckets.entries())
    for (let n = 0; n < counts.readUInt32BE(4 * i); n++)
      theirs.push({
        bucket,
        digest: digests.slice(2 * NODE_BYTES * theirs.length, 2 * NODE_BYTES * (theirs.length + 1)),
      });
  const wanted = theirs.filter(({ digest }) => !mine.has(digest));
  const named = new Set(theirs.map(({ digest }) => digest));
  const own = [...mine].flatMap(([digest, key]) =>
    buckets.includes(bucketOf(key)) && !named.has(digest) ? [key] : [],
  );
  return ask(checks, caller, {
    t: 'rows',
    table,
    cursor: till.cursor(),
    buckets: pack([...new Set(wanted.map(({ bucket }) => bucket))]),
    wanted: Buffer.from(wanted.map(({ digest }) => digest).join(''), 'hex'),
    own,
  });
}

/** The question of one level below some nodes. */
export function askNodes(
  checks: Checks,
  caller: TillCaller,
  till: ModelTill,
  table: string,
  level: 2 | 4,
  parents: readonly number[],
) {
  const sums = till.level(table, level);
  const bytes = NODE_BYTES * FAN_OUT;
  return ask(checks, caller, {
    t: 'nodes',
    table,
    level,
    parents: pack(parents),
    sums: Buffer.concat(parents.map((node) => sums.subarray(bytes * node, bytes * (node + 1)))),
  });
}

function differing(mine: Buffer, theirs: Buffer, nodes: readonly number[]): number[] {
  return nodes.filter((node, nth) => {
    const here = mine.subarray(NODE_BYTES * node, NODE_BYTES * (node + 1));
    return !here.equals(theirs.subarray(NODE_BYTES * nth, NODE_BYTES * (nth + 1)));
  });
}

const children = (node: number) => Array.from({ length: FAN_OUT }, (_, i) => FAN_OUT * node + i);

function numbers(bytes: Uint8Array): number[] {
  const packed = Buffer.from(bytes);
  return Array.from({ length: packed.length / 2 }, (_, i) => packed.readUInt16BE(2 * i));
}

export function pack(nodes: readonly number[]): Buffer {
  const bytes = Buffer.alloc(2 * nodes.length);
  for (const [i, node] of nodes.entries()) bytes.writeUInt16BE(node, 2 * i);
  return bytes;
}
