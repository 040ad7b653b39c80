import { afterEach, describe, expect, test } from 'vitest';
import { STOP_RECHECK_MS } from '../../../sync/client/connection.ts';
import { FRAME_MAX_BYTES } from '../../../sync/client/follow-stream.ts';
import type { SyncClientOptions } from '../../../sync/client/sync-client.ts';
import {
  PAGE_MAX_ROWS,
  type Page,
  SILENCE_MAX_MS,
  type StreamFrame,
} from '../../../sync/protocol/feed.ts';
import { HQ_PROTOCOL_MIN, PROTOCOL_VERSION } from '../../../sync/protocol/version.ts';
import { type ClientRig, rigClient } from './client-rig.ts';
import { createFeedModel, memberRow } from './feed-model.ts';
import { createMemoryStore, type MemoryStore, origin } from './memory-store.ts';
import {
  type Reply,
  type ScriptedHq,
  type ScriptedOptions,
  startScriptedHq,
} from './scripted-hq.ts';
import { createVirtualTime, until, type VirtualTime } from './virtual-time.ts';

const DAY_MS = 24 * 60 * 60_000;
const YEAR_MS = 365 * DAY_MS;
const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

async function hqOf(options?: ScriptedOptions): Promise<ScriptedHq> {
  const hq = await startScriptedHq(options);
  open.push(() => hq.close());
  return hq;
}

function start(
  hq: ScriptedHq,
  options?: Partial<SyncClientOptions> & { store?: MemoryStore },
): ClientRig {
  const rig = rigClient(hq, options);
  open.push(() => rig.client.stop());
  rig.client.start();
  return rig;
}

/** Lets time pass in steps until something holds. */
async function passUntil(time: VirtualTime, holds: () => boolean, stepMs = 500): Promise<void> {
  while (!holds()) {
    await time.advance(stepMs);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** Answers streams one after the other by these scripts; later ones by the protocol. */
function streams(hq: ScriptedHq, ...scripts: ((stream: ReturnType<Reply['stream']>) => void)[]) {
  hq.on('/v1/stream', (_, reply) => {
    const script = scripts.shift();
    if (scripts.length === 0) hq.on('/v1/stream', undefined);
    script?.(reply.stream());
  });
}

const pageFrame = (page: Page | null): StreamFrame => {
  if (page === null) throw new Error('the test has no such page');
  return { t: 'page', page };
};

describe('HQ answering HTML with 200 (captive portal)', () => {
  const PORTAL = '<!doctype html><html><body>Please sign in</body></html>';
  const answers: [string, (reply: Reply) => void][] = [
    ['a page with 200', (reply) => reply.send(200, 'text/html; charset=utf-8', PORTAL)],
    ['a page that calls itself JSON', (reply) => reply.send(200, 'application/json', PORTAL)],
    ['a page with 403', (reply) => reply.send(403, 'text/html', PORTAL)],
    ['a way to a page', (reply) => void reply.raw.writeHead(302, { Location: 'http://x/' }).end()],
    ['the status that RFC 6585 has for it', (reply) => reply.send(511, 'text/plain', 'sign in')],
  ];
  test.each(answers)('%s is named as what it is, and nothing of it counts', async (_, answer) => {
    const hq = await hqOf();
    hq.on('/v1/challenges', (_asked, reply) => answer(reply));
    const rig = start(hq);
    await until(() => rig.facts().offlineReason === 'captive-portal');
    expect(rig.facts()).toMatchObject({ state: 'offline', attempts: 1, lastHeardMs: null });
    hq.on('/v1/challenges', undefined);
    hq.feed.publish([memberRow('m-1', 1)]);
    rig.client.headquarters.syncNow();
    await until(() => rig.store.rows.size === 1);
    expect(rig.facts()).toMatchObject({ state: 'online', attempts: 0 });
  });

  test('in place of the stream it leaves the place in the feed alone', async () => {
    const hq = await hqOf();
    hq.on('/v1/stream', (_, reply) => reply.send(200, 'text/html', PORTAL));
    const rig = start(hq);
    await until(() => rig.facts().offlineReason === 'captive-portal');
    hq.on('/v1/stream', undefined);
    hq.feed.publish([memberRow('m-1', 1)]);
    await until(() => rig.store.rows.size === 1);
    expect(rig.store.cursor()).toEqual(hq.feed.head());
  });
});

describe('One byte a second', () => {
  function trickle(time: VirtualTime, text: string, write: (byte: string) => void): void {
    let at = 0;
    const next = (): void => {
      if (at >= text.length) return;
      write(text[at] ?? '');
      at += 1;
      time.timers.set(1_000, next);
    };
    next();
  }

  test('an answer that trickles is given up as timed out', async () => {
    const hq = await hqOf();
    const time = createVirtualTime();
    let bytes = 0;
    hq.on('/v1/challenges', (_, reply) => {
      reply.raw.writeHead(200, { 'Content-Type': 'application/json' });
      trickle(time, JSON.stringify({ challenge: 'c'.repeat(400), at: 'x' }), (byte) => {
        bytes += 1;
        reply.raw.write(byte);
      });
    });
    const rig = start(hq, time);
    await passUntil(time, () => rig.facts().offlineReason !== 'starting');
    expect(rig.facts().offlineReason).toBe('timed-out');
    expect(bytes).toBeLessThan(20);
  });

  test('a stream that trickles is dead although it is never silent, and the till goes on from its place', async () => {
    const hq = await hqOf();
    const time = createVirtualTime();
    hq.feed.publish([memberRow('m-1', 1)]);
    let bytes = 0;
    const frame = JSON.stringify(pageFrame(hq.feed.pageAfter(origin(hq.timeline))));
    streams(hq, (stream) =>
      trickle(time, frame, (byte) => {
        bytes += 1;
        stream.write(byte);
      }),
    );
    const rig = start(hq, time);
    await until(() => bytes > 0);
    await passUntil(time, () => hq.count('/v1/stream') === 2);
    expect(time.clock.monoMs()).toBeLessThan(SILENCE_MAX_MS * 4);
    await passUntil(time, () => rig.store.rows.size === 1);
    expect(rig.store.cursor()).toEqual(hq.feed.head());
  });
});

describe('A truncated, repeated, reordered, replayed page', () => {
  async function twoPages() {
    const hq = await hqOf();
    const first = hq.feed.publish([memberRow('m-1', 1), memberRow('m-2', 2)]);
    hq.feed.publish([memberRow('m-3', 3)]);
    const one = hq.feed.pageAfter(origin(hq.timeline));
    const two = hq.feed.pageAfter(first);
    if (one === null || two === null) throw new Error('two pages were published');
    return { hq, one, two };
  }
  const cursors = (rig: ClientRig) =>
    rig.store.transactions.flatMap(({ cursor }) => (cursor === undefined ? [] : [cursor.pos]));

  test('a page whose connection ends in its middle is fetched again from the same place', async () => {
    const { hq, one } = await twoPages();
    const line = JSON.stringify(pageFrame(one));
    streams(hq, (stream) => {
      stream.write(line.slice(0, line.length / 2));
      stream.end();
    });
    const rig = start(hq);
    await until(() => rig.store.rows.size === 3);
    expect(cursors(rig)).toEqual([2, 3]);
  });

  test('a page that lost a row on the way is refused whole', async () => {
    const { hq, one } = await twoPages();
    streams(
      hq,
      (stream) => stream.frame(pageFrame({ ...one, rows: one.rows.slice(1) })),
      (stream) => stream.frame(pageFrame({ ...one, rows: one.rows.slice(1), count: 1 })),
    );
    const rig = start(hq);
    await until(() => rig.store.rows.size === 3);
    expect(rig.logs.flatMap(({ fields }) => (fields as { why?: string }).why ?? [])).toEqual(
      expect.arrayContaining(['wrong-count', 'wrong-hash']),
    );
    expect(cursors(rig)).toEqual([2, 3]);
    expect(rig.facts().troubles).toEqual([]);
  });

  test('a page that comes twice is applied once', async () => {
    const { hq, one, two } = await twoPages();
    streams(hq, (stream) => {
      for (const page of [one, one, two, one, two]) stream.frame(pageFrame(page));
    });
    const rig = start(hq);
    await until(() => rig.store.rows.size === 3);
    await until(() => rig.logs.filter(({ message }) => message.includes('again')).length === 3);
    expect(cursors(rig)).toEqual([2, 3]);
    expect(hq.count('/v1/stream')).toBe(1);
  });

  test('pages in the wrong order are refused, and come right from the place where the till is', async () => {
    const { hq, one, two } = await twoPages();
    streams(hq, (stream) => {
      stream.frame(pageFrame(two));
      stream.frame(pageFrame(one));
    });
    const rig = start(hq);
    await until(() => rig.store.rows.size === 3);
    expect(cursors(rig)).toEqual([2, 3]);
  });

  test('a page of another store, or of another place with the same number, is refused', async () => {
    const { hq, one } = await twoPages();
    const foreign = createFeedModel(hq.timeline, 'store-2');
    foreign.publish([memberRow('m-9', 9), memberRow('m-8', 8)]);
    const elsewhere = { ...one, from: { ...one.from, chain: 'f'.repeat(64) } };
    streams(
      hq,
      (stream) => stream.frame(pageFrame(foreign.pageAfter(origin(hq.timeline)))),
      (stream) => stream.frame(pageFrame(elsewhere)),
    );
    const rig = start(hq);
    await until(() => rig.store.rows.size === 3);
    expect(rig.store.rows.has('member/m-9')).toBe(false);
    expect(cursors(rig)).toEqual([2, 3]);
  });
});

describe('An expired, wrong or unpinned certificate', () => {
  test('an expired one is told as expired, and as a wrong clock where the clock is what is wrong', async () => {
    const validity = { fromMs: Date.now() - 20 * DAY_MS, toMs: Date.now() - 10 * DAY_MS };
    const hq = await hqOf({ tls: { validity } });
    const rig = start(hq);
    await until(() => rig.facts().offlineReason === 'certificate-expired');
    expect(hq.asked).toEqual([]);
    const future = { fromMs: Date.now() + 10 * DAY_MS, toMs: Date.now() + 20 * DAY_MS };
    const ahead = await hqOf({ tls: { validity: future } });
    const behind = start(ahead);
    await until(() => behind.facts().offlineReason === 'clock-wrong');
    expect(ahead.asked).toEqual([]);
  });

  test('one for another host is not trusted', async () => {
    const hq = await hqOf({ tls: { hosts: ['hq.example'] } });
    const rig = start(hq);
    await until(() => rig.facts().offlineReason === 'certificate-untrusted');
    expect(hq.asked).toEqual([]);
  });

  test('one of another authority is not trusted, and neither is one of the whole world', async () => {
    const hq = await hqOf({ tls: {} });
    const other = await hqOf({ tls: {} });
    const pinned = start(hq, {
      store: createMemoryStore(hq.registration({ ca: other.ca })),
    });
    await until(() => pinned.facts().offlineReason === 'certificate-untrusted');
    const unpinned = start(hq, { store: createMemoryStore(hq.registration({ ca: null })) });
    await until(() => unpinned.facts().offlineReason === 'certificate-untrusted');
    expect(hq.asked).toEqual([]);
  });
});

describe('A clock a year off on either side', () => {
  test.each([
    ['ahead', YEAR_MS],
    ['behind', -YEAR_MS],
  ])('at the till, %s: it syncs, and says how far it is off', async (_, offMs) => {
    const hq = await hqOf({ tls: {} });
    hq.feed.publish([memberRow('m-1', 1)]);
    const clock = { now: () => Date.now() + offMs, monoMs: () => performance.now() };
    const rig = start(hq, { clock });
    rig.store.queue(1);
    rig.client.notify();
    await until(() => rig.store.rows.size === 1 && rig.store.outbox.length === 0);
    expect(Math.abs((rig.facts().clockOffsetMs ?? 0) + offMs)).toBeLessThan(DAY_MS);
  });

  test.each([
    ['ahead', YEAR_MS],
    ['behind', -YEAR_MS],
  ])('at headquarters, %s: its certificate is good all the same', async (_, offMs) => {
    const hqNowMs = Date.now() + offMs;
    const validity = { fromMs: hqNowMs - 2 * YEAR_MS, toMs: hqNowMs + 10 * YEAR_MS };
    const hq = await hqOf({ tls: { validity } });
    hq.now = () => Date.now() + offMs;
    hq.feed.publish([memberRow('m-1', 1)]);
    const rig = start(hq);
    await until(() => rig.store.rows.size === 1);
    expect(Math.abs((rig.facts().clockOffsetMs ?? 0) - offMs)).toBeLessThan(DAY_MS);
  });
});

describe('A revoked till', () => {
  test('stops when its stream says so, asks now and then, and goes on once it is let', async () => {
    const hq = await hqOf();
    const time = createVirtualTime();
    const rig = start(hq, time);
    await until(() => hq.count('/v1/stream') === 1);
    streams(hq, (stream) => stream.frame({ t: 'end', code: 'till-revoked' }));
    hq.on('/v1/sessions', (_, reply) => reply.refuse('till-revoked'));
    hq.cut();
    await passUntil(time, () => rig.facts().state === 'stopped');
    expect(rig.facts()).toMatchObject({ stopped: 'till-revoked', transport: 'none' });
    expect(rig.client.headquarters.state().state).toBe('offline');
    expect(rig.client.headquarters.allowance.reachable()).toBe(false);
    const asked = hq.asked.length;
    rig.store.queue(1);
    rig.client.notify();
    await time.advance(STOP_RECHECK_MS - 1_000);
    expect(hq.asked.length).toBe(asked);
    await passUntil(time, () => hq.asked.length > asked);
    await passUntil(time, () => rig.facts().state === 'stopped');
    hq.on('/v1/sessions', undefined);
    await passUntil(time, () => rig.facts().state === 'online', 10_000);
    await passUntil(time, () => rig.store.outbox.length === 0);
  });

  test.each(['till-unknown', 'protocol-unsupported', 'incarnation-unknown'] as const)(
    'is not the only reason to stop: %s',
    async (code) => {
      const hq = await hqOf();
      hq.on('/v1/sessions', (_, reply) => reply.refuse(code));
      const rig = start(hq);
      await until(() => rig.facts().state === 'stopped');
      expect(rig.facts().stopped).toBe(code);
    },
  );

  test('that is newer than headquarters sends nothing, keeps its outbox and goes on once it is updated', async () => {
    const hq = await hqOf();
    const time = createVirtualTime();
    hq.protocol = HQ_PROTOCOL_MIN - 1;
    const rig = rigClient(hq, time);
    rig.store.queue(2);
    open.push(() => rig.client.stop());
    rig.client.start();
    await passUntil(time, () => rig.facts().state === 'stopped');
    expect(rig.facts()).toMatchObject({ stopped: 'protocol-unsupported', waiting: 2 });
    expect(hq.count('/v1/uploads')).toBe(0);
    expect(rig.client.headquarters.allowance.reachable()).toBe(false);
    hq.protocol = PROTOCOL_VERSION;
    await passUntil(time, () => rig.store.outbox.length === 0, 10_000);
  });

  test('stops by the answer to an upload too, and keeps its ledger', async () => {
    const hq = await hqOf();
    hq.on('/v1/uploads', (_, reply) => reply.refuse('ledger-forked'));
    const rig = rigClient(hq);
    rig.store.queue(2);
    open.push(() => rig.client.stop());
    rig.client.start();
    await until(() => rig.facts().state === 'stopped');
    expect(rig.facts()).toMatchObject({ stopped: 'ledger-forked', waiting: 2 });
  });

  test('that is stopped by an answer hears no more of the feed, and asks again whether it is let', async () => {
    const hq = await hqOf();
    const time = createVirtualTime();
    let hangsUp = false;
    hq.on('/v1/stream', (_, reply) => {
      reply.raw.once('close', () => {
        hangsUp = true;
      });
      reply.stream().frame({ t: 'beat', head: hq.feed.head(), at: new Date().toISOString() });
    });
    const rig = start(hq, time);
    await until(() => rig.facts().transport === 'stream');
    hq.on('/v1/uploads', (_, reply) => reply.refuse('till-revoked'));
    rig.store.queue(1);
    rig.client.headquarters.syncNow();
    await passUntil(time, () => rig.facts().state === 'stopped', 50);
    await until(() => hangsUp);
    hq.on('/v1/uploads', undefined);
    await passUntil(time, () => rig.facts().state === 'online', 10_000);
  });
});

describe('A feed page too big', () => {
  test('is refused before it is whole, and nothing of it is applied', async () => {
    const hq = await hqOf();
    let closed = false;
    streams(hq, (stream) => {
      const chunk = `"${'x'.repeat(1024 * 1024)}`;
      for (let sent = 0; sent < FRAME_MAX_BYTES + 4 * chunk.length; sent += chunk.length)
        stream.write(chunk);
    });
    hq.feed.publish([memberRow('m-1', 1)]);
    const rig = start(hq);
    await until(() => rig.store.rows.size === 1);
    closed = hq.count('/v1/stream') === 2;
    expect(closed).toBe(true);
    expect(rig.store.transactions).toHaveLength(1);
  });

  test('has one row more than a page may have: refused; the largest page allowed is taken', async () => {
    const hq = await hqOf();
    const rows = Array.from({ length: PAGE_MAX_ROWS + 1 }, (_, index) =>
      memberRow(`m-${index}`, index + 1),
    );
    const from = origin(hq.timeline);
    const to = { ...from, pos: rows.length, chain: 'a'.repeat(64) };
    const allowed = { ...to, pos: PAGE_MAX_ROWS };
    streams(
      hq,
      (stream) => stream.frame(pageFrame(hq.feed.page(from, to, rows))),
      (stream) => stream.frame(pageFrame(hq.feed.page(from, allowed, rows.slice(1)))),
    );
    const rig = start(hq);
    await until(() => rig.store.cursor()?.pos === PAGE_MAX_ROWS);
    expect(rig.store.rows.size).toBe(PAGE_MAX_ROWS);
    expect(rig.store.rows.has('member/m-0')).toBe(false);
  });
});

describe('Two data folders copied from one till', () => {
  test('the one that speaks second is told so and stops; a lost answer makes no copy of a till', async () => {
    const hq = await hqOf();
    const store = createMemoryStore(hq.registration());
    store.setCursor(origin(hq.timeline));
    const first = start(hq, { store });
    await until(() => first.facts().state === 'online');
    await first.client.stop();
    const twin = store.copy();
    // HQ takes the request and its answer is lost: the same proof is sent again, and the till is still itself.
    hq.on('/v1/sessions', (asked, reply) => {
      hq.proof = (asked.body as { nextProof: string }).nextProof;
      hq.on('/v1/sessions', undefined);
      reply.raw.destroy();
    });
    const again = start(hq, { store });
    await until(() => again.facts().state === 'online');
    const copy = start(hq, { store: twin });
    await until(() => copy.facts().state === 'stopped');
    expect(copy.facts().stopped).toBe('till-copied');
  });
});

describe('Disk full while applying', () => {
  test('nothing moves, a person is told, and the till goes on once there is room', async () => {
    const hq = await hqOf();
    const rig = start(hq);
    await until(() => hq.count('/v1/stream') === 1 && rig.facts().state === 'online');
    rig.store.failWrites = 2;
    hq.publish([memberRow('m-1', 1)]);
    await until(() => (rig.facts().troubles ?? []).length === 1);
    expect(rig.facts()).toMatchObject({
      state: 'online',
      pos: 0,
      troubles: [{ code: 'storage-failed', detail: 'disk-full' }],
    });
    await until(() => rig.store.rows.size === 1);
    expect(rig.facts().troubles).toEqual([]);
    expect(rig.store.cursor()).toEqual(hq.feed.head());
  });
});
