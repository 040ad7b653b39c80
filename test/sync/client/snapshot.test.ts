import { createHash, randomBytes } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import { err, ok } from '../../../agent/contract/result.ts';
import { firstSnapshot } from '../../../sync/client/first-snapshot.ts';
import type { SegmentWanted, SnapshotPort, SnapshotProgress } from '../../../sync/client/ports.ts';
import type { Cursor, FeedRow } from '../../../sync/protocol/feed.ts';
import type { SnapshotStart } from '../../../sync/protocol/snapshot.ts';
import { rigClient } from './client-rig.ts';
import { createFeedModel, memberRow } from './feed-model.ts';
import { createMemoryStore, diskFull, type MemoryStore } from './memory-store.ts';
import { type Answer, type ScriptedHq, startScriptedHq } from './scripted-hq.ts';
import { realTime, until } from './virtual-time.ts';

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

/** Segments of a made-up form: `sum|next key or -|ids`; what the builder makes of real ones has tests of its own. */
const segmentOf = (ids: readonly string[], next: string | null): string => {
  const body = `${next ?? '-'}|${ids.join(',')}`;
  return `${createHash('sha256').update(body).digest('hex')}|${body}`;
};

interface Builder extends SnapshotPort {
  readonly taken: string[];
  readonly begun: Cursor[];
  failSegments: number;
  damageBuilds: number;
  discards: number;
}

function createBuilder(store: MemoryStore): Builder {
  let start: Cursor | undefined;
  let next: SegmentWanted | null = { table: 'member', after: '' };
  let ids: string[] = [];
  const progress = (): SnapshotProgress => ({
    start: start as Cursor,
    next,
    rowsDone: ids.length,
    rowsAll: 4,
  });
  const reset = (): void => {
    start = undefined;
    next = { table: 'member', after: '' };
    ids = [];
  };
  const builder: Builder = {
    taken: [],
    begun: [],
    failSegments: 0,
    damageBuilds: 0,
    discards: 0,
    async begin({ start: given }: SnapshotStart) {
      if (start !== undefined && start.timeline !== given.timeline) reset();
      start ??= given;
      builder.begun.push(start);
      return progress();
    },
    async segment(wanted, bytes) {
      if (builder.failSegments > 0) {
        builder.failSegments -= 1;
        throw diskFull();
      }
      const [sum, ...rest] = Buffer.from(bytes).toString('utf8').split('|');
      const body = rest.join('|');
      if (createHash('sha256').update(body).digest('hex') !== sum)
        return err({ code: 'segment-damaged', message: 'the sum does not fit' });
      const [after = '-', list = ''] = rest;
      builder.taken.push(wanted.after);
      ids.push(...list.split(','));
      next = after === '-' ? null : { table: 'member', after };
      return ok(progress());
    },
    async finish() {
      if (builder.damageBuilds > 0) {
        builder.damageBuilds -= 1;
        reset();
        return err({ code: 'snapshot-damaged', message: 'a page of the file is damaged' });
      }
      return ok(progress());
    },
    merge() {
      const id = ids.shift();
      const rows: FeedRow[] = id === undefined ? [] : [memberRow(id, 5)];
      const done = ids.length === 0;
      const applied = store.apply(rows, done ? start : undefined);
      return { done, rows: rows.length, applied };
    },
    async discard() {
      builder.discards += 1;
      reset();
    },
  };
  return builder;
}

/** Two segments: m-1, m-2 and m-3, m-4. */
function serveSegments(hq: ScriptedHq, wrap: (answer: Answer) => Answer = (answer) => answer) {
  hq.on('/v1/snapshots', (_, reply) =>
    reply.json({ start: hq.feed.head(), tables: [{ table: 'member', rows: 4 }] }),
  );
  hq.on(
    '/v1/segments',
    wrap((asked, reply) => {
      const first = asked.query.get('after') === '';
      const bytes = first ? segmentOf(['m-1', 'm-2'], 'm-2') : segmentOf(['m-3', 'm-4'], null);
      reply.send(200, 'application/octet-stream', bytes);
    }),
  );
}

async function hqOf(): Promise<ScriptedHq> {
  const hq = await startScriptedHq();
  open.push(() => hq.close());
  return hq;
}

function rigOf(hq: ScriptedHq) {
  const store = createMemoryStore(hq.registration());
  const snapshot = createBuilder(store);
  const rig = rigClient(hq, { store, snapshot, atOrigin: false });
  open.push(() => rig.client.stop());
  return { ...rig, snapshot };
}

describe('a running till without a place in the feed', () => {
  test('takes a snapshot in parts, merges it while it sells, and follows the feed from its start', async () => {
    const hq = await hqOf();
    hq.feed.publish([memberRow('m-1', 1)]);
    serveSegments(hq);
    const rig = rigOf(hq);
    rig.client.start();
    await until(() => rig.facts().transport === 'stream');
    hq.publish([memberRow('m-5', 6)]);
    await until(() => rig.store.rows.size === 5);
    expect(rig.facts().snapshot).toEqual({ state: 'done', rowsDone: 4, rowsAll: 4 });
    expect(rig.store.transactions.filter(({ cursor }) => cursor !== undefined)).toHaveLength(2);
    expect(rig.changed.map(({ key }) => key)).toEqual(['m-1', 'm-2', 'm-3', 'm-4', 'm-5']);
    expect(rig.snapshot.discards).toBe(1);
  });

  test('fetches a segment again that came damaged or broke off, and no other', async () => {
    const hq = await hqOf();
    let calls = 0;
    serveSegments(hq, (answer) => (asked, reply) => {
      calls += 1;
      if (calls === 2) return reply.send(200, 'application/octet-stream', 'rubbish|x');
      if (calls === 3) {
        reply.raw.writeHead(200, {
          'Content-Type': 'application/octet-stream',
          'Content-Length': 99,
        });
        reply.raw.write('half');
        return void reply.raw.destroy();
      }
      return answer(asked, reply);
    });
    const rig = rigOf(hq);
    rig.client.start();
    await until(() => rig.store.rows.size === 4);
    expect(rig.snapshot.taken).toEqual(['', 'm-2']);
    expect(calls).toBe(4);
  });

  test('HQ restarted in the middle of a snapshot: it goes on where it was, from the start that it had', async () => {
    const hq = await hqOf();
    const start = hq.feed.publish([memberRow('m-1', 1)]);
    let calls = 0;
    serveSegments(hq, (answer) => (asked, reply) => {
      calls += 1;
      if (calls !== 2) return answer(asked, reply);
      hq.feed.publish([memberRow('m-9', 9)]);
      // Gone, with every session, and back after the till has tried for a while.
      hq.on('/v1/challenges', (_, other) => other.json({ code: 'busy' }, 503));
      hq.on('/v1/segments', (_, other) => other.refuse('unauthenticated'));
      setTimeout(() => {
        hq.on('/v1/challenges', undefined);
        serveSegments(hq);
      }, 100);
      hq.cut();
    });
    const rig = rigOf(hq);
    rig.client.start();
    await until(() => rig.store.rows.has('member/m-9'));
    expect(rig.snapshot.taken).toEqual(['', 'm-2']);
    expect(new Set(rig.snapshot.begun.map(({ pos }) => pos))).toEqual(new Set([start.pos]));
    expect(rig.store.cursor()).toEqual(hq.feed.head());
  });

  test('HQ restored between the session and its snapshot: no copy is taken before a session of its own', async () => {
    const hq = await hqOf();
    const restored = createFeedModel('timeline-2');
    restored.publish([memberRow('m-1', 1)]);
    serveSegments(hq);
    let asked = 0;
    hq.on('/v1/snapshots', (_, reply) => {
      asked += 1;
      // The session that is open was made before; its token is still good.
      hq.timeline = 'timeline-2';
      hq.on('/v1/stream', (__, other) =>
        other
          .stream()
          .frame({ t: 'beat', head: restored.head(), at: new Date(hq.now()).toISOString() }),
      );
      reply.json({ start: restored.head(), tables: [] });
    });
    const rig = rigOf(hq);
    rig.client.start();
    await until(() => rig.facts().transport === 'stream');
    expect(rig.facts()).toMatchObject({ timeline: 'timeline-2', state: 'online' });
    expect(asked).toBe(2);
    expect(hq.count('/v1/sessions')).toBe(2);
    expect(rig.snapshot.begun).toHaveLength(1);
  });

  test('HQ restored in the middle of a snapshot: it takes the other one by a session of its own', async () => {
    const hq = await hqOf();
    const restored = createFeedModel('timeline-2');
    restored.publish([memberRow('m-1', 1)]);
    serveSegments(hq, (answer) => (asked, reply) => {
      if (asked.query.get('timeline') === 'timeline-2') return answer(asked, reply);
      hq.timeline = 'timeline-2';
      hq.on('/v1/snapshots', (_, other) => other.json({ start: restored.head(), tables: [] }));
      hq.on('/v1/stream', (_, other) =>
        other
          .stream()
          .frame({ t: 'beat', head: restored.head(), at: new Date(hq.now()).toISOString() }),
      );
      reply.refuse('cursor-unknown');
    });
    const rig = rigOf(hq);
    rig.client.start();
    await until(() => rig.facts().transport === 'stream');
    expect(rig.facts()).toMatchObject({ timeline: 'timeline-2', state: 'online' });
    expect(hq.count('/v1/sessions')).toBe(2);
  });

  test('whose disk fills up says so, keeps what it has and goes on once there is room', async () => {
    const hq = await hqOf();
    serveSegments(hq);
    const rig = rigOf(hq);
    rig.snapshot.failSegments = 1;
    rig.client.start();
    await until(() => (rig.facts().troubles ?? []).some(({ code }) => code === 'storage-failed'));
    await until(() => rig.store.rows.size === 4);
    expect(rig.facts().troubles).toEqual([]);
  });

  test('builds again where the file proves damaged at the end', async () => {
    const hq = await hqOf();
    serveSegments(hq);
    const rig = rigOf(hq);
    rig.snapshot.damageBuilds = 1;
    rig.client.start();
    await until(() => rig.store.rows.size === 4);
    expect(rig.snapshot.taken).toEqual(['', 'm-2', '', 'm-2']);
  });
});

describe('a till whose place in the feed HQ does not know', () => {
  test.each(['cursor-unknown', 'cursor-too-old'] as const)(
    '(%s) takes a snapshot and goes on',
    async (code) => {
      const hq = await hqOf();
      serveSegments(hq);
      const rig = rigOf(hq);
      rig.store.setCursor({ timeline: hq.timeline, pos: 77, chain: 'a'.repeat(64) });
      hq.on('/v1/stream', (asked, reply) => {
        hq.on('/v1/stream', undefined);
        expect(asked.query.get('pos')).toBe('77');
        reply.refuse(code);
      });
      rig.client.start();
      await until(() => rig.facts().transport === 'stream');
      expect(rig.store.cursor()).toEqual(hq.feed.head());
    },
  );

  test('because HQ was restored (another timeline) takes a snapshot of the other timeline', async () => {
    const feed = createFeedModel('timeline-2');
    const hq = await startScriptedHq({ feed });
    open.push(() => hq.close());
    serveSegments(hq);
    const rig = rigOf(hq);
    rig.store.setCursor({ timeline: 'timeline-1', pos: 5, chain: 'a'.repeat(64) });
    rig.client.start();
    await until(() => rig.facts().transport === 'stream');
    expect(rig.facts()).toMatchObject({ timeline: 'timeline-2', pos: 0, state: 'online' });
    // Restored once more while the till listens.
    hq.timeline = 'timeline-3';
    const restored = createFeedModel('timeline-3');
    hq.on('/v1/snapshots', (_, reply) => reply.json({ start: restored.head(), tables: [] }));
    hq.on('/v1/stream', (asked, reply) => {
      if (asked.query.get('timeline') !== 'timeline-3') return reply.refuse('cursor-unknown');
      reply
        .stream()
        .frame({ t: 'beat', head: restored.head(), at: new Date(hq.now()).toISOString() });
    });
    hq.cut();
    await until(() => rig.facts().timeline === 'timeline-3');
  });
});

describe('the first snapshot, before the till opens', () => {
  const options = (store: MemoryStore, snapshot: SnapshotPort) => ({
    ...realTime,
    store,
    snapshot,
    random: randomBytes,
    log: () => {},
    version: '0.0.0-test',
    signal: new AbortController().signal,
  });

  test('is fetched, verified and left for the caller to adopt, with progress on the way', async () => {
    const hq = await hqOf();
    serveSegments(hq);
    const store = createMemoryStore(hq.registration());
    const seen: number[] = [];
    const done = await firstSnapshot({
      ...options(store, createBuilder(store)),
      onProgress: ({ rowsDone }) => void seen.push(rowsDone),
    });
    expect(done).toMatchObject({ ok: true, value: { rowsDone: 4, next: null } });
    expect(seen).toEqual([0, 2, 4]);
    expect(store.rows.size).toBe(0);
    expect(store.proofs()).toHaveLength(1);
  });

  test('is not waited for for ever: unreachable, refused and full disks are told apart', async () => {
    const hq = await hqOf();
    serveSegments(hq);
    const store = createMemoryStore(hq.registration());
    const builder = createBuilder(store);
    hq.on('/v1/sessions', (_, reply) => reply.refuse('till-revoked'));
    expect(await firstSnapshot(options(store, builder))).toEqual({
      ok: false,
      error: { code: 'stopped', stop: 'till-revoked' },
    });
    hq.on('/v1/sessions', undefined);
    builder.failSegments = 1;
    expect(await firstSnapshot(options(store, builder))).toEqual({
      ok: false,
      error: { code: 'storage', detail: 'disk-full' },
    });
    await hq.close();
    open.pop();
    expect(await firstSnapshot(options(store, builder))).toEqual({
      ok: false,
      error: { code: 'unreachable', reason: 'network' },
    });
  });
});
