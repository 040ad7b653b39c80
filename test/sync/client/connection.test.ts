import { createHash } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import { err, ok } from '../../../agent/contract/result.ts';
import { APPLIED_EVERY_MS } from '../../../sync/client/pull.ts';
import { RENEW_SHARE } from '../../../sync/client/session.ts';
import { PROMOTE_AFTER_MS } from '../../../sync/client/transport-mode.ts';
import { rigClient } from './client-rig.ts';
import { memberRow } from './feed-model.ts';
import { origin } from './memory-store.ts';
import {
  type Reply,
  type ScriptedHq,
  type ScriptedOptions,
  startScriptedHq,
} from './scripted-hq.ts';
import { createVirtualTime, until, type VirtualTime } from './virtual-time.ts';

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

async function rigOf(
  options: Parameters<typeof rigClient>[1] = {},
  scripted: ScriptedOptions = {},
) {
  const hq = await startScriptedHq(scripted);
  const rig = rigClient(hq, options);
  open.push(
    () => hq.close(),
    () => rig.client.stop(),
  );
  return { hq, ...rig };
}

async function passUntil(time: VirtualTime, holds: () => boolean, stepMs = 250): Promise<void> {
  while (!holds()) {
    await time.advance(stepMs);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

const instant = (hq: ScriptedHq) => new Date(hq.now()).toISOString();

describe('a till that loses headquarters', () => {
  test('counts as online while it comes back at once, and misses nothing of what happened meanwhile', async () => {
    const { hq, store, facts, client, logs } = await rigOf();
    hq.feed.publish([memberRow('m-0', 1)]);
    client.start();
    await until(() => store.rows.size === 1);
    for (let round = 1; round <= 5; round += 1) {
      hq.cut();
      hq.feed.publish([memberRow(`m-${round}`, round + 1)]);
      await until(() => store.rows.size === round + 1);
    }
    expect(facts().state).toBe('online');
    const shown = logs.filter(({ message }) => message.includes('connection to headquarters'));
    expect(shown.map(({ fields }) => (fields as { to: string }).to)).toEqual(['online']);
    expect(hq.count('/v1/sessions')).toBe(1);
  });

  test('is offline since it last heard of it, with reason, attempts and the time of the next', async () => {
    const time = createVirtualTime();
    const { hq, facts, client, store } = await rigOf(time);
    client.start();
    await until(() => facts().transport === 'stream');
    await time.advance(1_000);
    hq.beat();
    await until(() => facts().lastHeardMs === time.clock.now());
    const heardMs = time.clock.now();
    await hq.close();
    open.shift();
    store.queue(2);
    await passUntil(time, () => facts().attempts >= 3);
    expect(facts()).toMatchObject({
      state: 'offline',
      sinceMs: heardMs,
      offlineReason: 'network',
      transport: 'none',
      waiting: 2,
    });
    expect(facts().nextAttemptMs ?? 0).toBeGreaterThan(heardMs);
  });

  test('counts its failures anew once they were overcome', async () => {
    const time = createVirtualTime();
    const { hq, store, facts, client } = await rigOf(time);
    client.start();
    for (let round = 1; round <= 4; round += 1) {
      hq.publish([memberRow(`m-${round}`, round)]);
      await passUntil(time, () => store.rows.size === round && facts().transport === 'stream');
      hq.on('/v1/stream', (_, reply) => reply.refuse('internal'));
      hq.cut();
      await passUntil(time, () => facts().attempts > 0, 20);
      expect(facts().attempts).toBe(1);
      hq.on('/v1/stream', undefined);
    }
  });

  test.each<[string, (reply: Reply, hq: ScriptedHq) => void]>([
    [
      'ends it after a beat',
      (reply, hq) => {
        const stream = reply.stream();
        stream.frame({ t: 'beat', head: hq.feed.head(), at: instant(hq) });
        stream.end();
      },
    ],
    [
      'says on it, after a beat, what is no feed',
      (reply, hq) => {
        const stream = reply.stream();
        stream.frame({ t: 'beat', head: hq.feed.head(), at: instant(hq) });
        stream.write('{"t":"nothing"}\n');
      },
    ],
  ])('is not asked in a circle where it opens the stream and %s', async (_, answer) => {
    const time = createVirtualTime();
    const { hq, client } = await rigOf(time);
    hq.on('/v1/stream', (_asked, reply) => answer(reply, hq));
    hq.on('/v1/feed', (_asked, reply) =>
      reply.json({ page: null, head: hq.feed.head(), at: instant(hq) }),
    );
    client.start();
    await passUntil(time, () => time.clock.monoMs() >= 30_000);
    expect(hq.count('/v1/stream')).toBeGreaterThan(1);
    expect(hq.count('/v1/stream')).toBeLessThan(15);
  });

  test('finds a stream dead that is open and silent, and comes back by another', async () => {
    const time = createVirtualTime();
    const { hq, store, client, facts } = await rigOf(time);
    hq.on('/v1/stream', (_, reply) => {
      hq.on('/v1/stream', undefined);
      reply.stream().frame({ t: 'beat', head: hq.feed.head(), at: instant(hq) });
    });
    client.start();
    await until(() => facts().transport === 'stream');
    hq.feed.publish([memberRow('m-1', 1)]);
    await passUntil(time, () => store.rows.size === 1);
    expect(hq.count('/v1/stream')).toBe(2);
  });

  test('asks no sooner than HQ wants it to, and at once when somebody asks for it', async () => {
    const time = createVirtualTime();
    const { hq, client, facts } = await rigOf(time);
    hq.on('/v1/challenges', (_, reply) =>
      reply.json({ code: 'busy' }, 503, { 'Retry-After': '90' }),
    );
    client.start();
    await until(() => facts().nextAttemptMs !== null);
    expect(facts()).toMatchObject({ state: 'offline', offlineReason: 'server-error', attempts: 1 });
    await time.advance(89_000);
    expect(hq.count('/v1/challenges')).toBe(1);
    hq.on('/v1/challenges', undefined);
    client.headquarters.syncNow();
    await until(() => facts().state === 'online');
    expect(hq.count('/v1/challenges')).toBe(2);
  });
});

describe('a session', () => {
  test('is renewed in time, beside the stream, with a proof that changes each time', async () => {
    const time = createVirtualTime();
    const { hq, client, facts, store } = await rigOf(time);
    hq.sessionExpiresInMs = 10_000;
    client.start();
    await until(() => facts().transport === 'stream');
    const proofs = new Set([hq.proof]);
    for (let round = 2; round <= 4; round += 1) {
      const passed = hq.count('/v1/sessions');
      for (let ms = 0; ms < 10_000 * RENEW_SHARE; ms += 500) {
        hq.beat();
        await time.advance(500);
      }
      await until(() => hq.count('/v1/sessions') > passed);
      await until(() => store.proofs().length === 1);
      proofs.add(hq.proof);
    }
    expect(proofs.size).toBe(4);
    expect(hq.count('/v1/stream')).toBe(1);
  });

  test('whose renewal is under way when it ends renews nothing later', async () => {
    const time = createVirtualTime();
    const { hq, client, facts, store } = await rigOf(time);
    hq.sessionExpiresInMs = 10_000;
    client.start();
    await until(() => facts().transport === 'stream');
    let held: Reply | undefined;
    let takenBack = false;
    hq.on('/v1/sessions', (_, reply) => {
      hq.on('/v1/sessions', undefined);
      held = reply;
      reply.raw.once('close', () => {
        takenBack = true;
      });
    });
    while (held === undefined) {
      hq.beat();
      await time.advance(500);
    }
    hq.on('/v1/uploads', (_, reply) => {
      hq.on('/v1/uploads', undefined);
      reply.refuse('unauthenticated');
    });
    store.queue(1);
    client.notify();
    const sinceMs = time.clock.monoMs();
    await passUntil(time, () => takenBack);
    // At once, and not when it has waited for its answer long enough.
    expect(time.clock.monoMs() - sinceMs).toBeLessThan(3_000);
    await passUntil(time, () => store.outbox.length === 0);
    expect(facts().state).toBe('online');
  });

  test('is refused for good where HQ has another key for this till, and a person is told', async () => {
    const { hq, client, facts } = await rigOf();
    hq.on('/v1/sessions', (_, reply) => reply.refuse('unauthenticated', { field: 'signature' }));
    client.start();
    await until(() => facts().state === 'stopped');
    expect(facts().stopped).toBe('till-replaced');
  });

  test('has the till say how far it is, every few seconds', async () => {
    const time = createVirtualTime();
    const { hq, client, facts, store } = await rigOf(time);
    hq.feed.publish([memberRow('m-1', 1)]);
    client.start();
    await until(() => facts().transport === 'stream' && store.rows.size === 1);
    for (let ms = 0; ms <= APPLIED_EVERY_MS; ms += 500) {
      hq.beat();
      await time.advance(500);
    }
    await until(() => hq.count('/v1/applied') === 1);
    const said = hq.asked.find(({ path }) => path === '/v1/applied');
    expect(said?.body).toEqual({
      cursor: hq.feed.head(),
      waiting: { count: 0, oldestAt: null },
    });
  });

  test('that HQ does not take any more is opened anew', async () => {
    const { hq, client, store } = await rigOf();
    hq.on('/v1/uploads', (_, reply) => {
      hq.on('/v1/uploads', undefined);
      reply.refuse('unauthenticated');
    });
    store.queue(1);
    client.start();
    await until(() => store.outbox.length === 0);
    expect(hq.count('/v1/sessions')).toBe(2);
  });

  test('that ends at once time after time is asked for ever less', async () => {
    const time = createVirtualTime();
    const { hq, client } = await rigOf(time);
    hq.on('/v1/stream', (_, reply) => reply.refuse('unauthenticated'));
    client.start();
    await passUntil(time, () => time.clock.monoMs() >= 60_000);
    expect(hq.count('/v1/sessions')).toBeGreaterThan(2);
    expect(hq.count('/v1/sessions')).toBeLessThan(15);
  });

  test('opens on a full disk with the proof that it has, so that the ledger still goes up', async () => {
    const { hq, client, store, facts } = await rigOf();
    client.start();
    await until(() => facts().state === 'online');
    const proof = hq.proof;
    await client.stop();
    const again = rigClient(hq, { store });
    open.push(() => again.client.stop());
    store.failWrites = 1;
    again.client.start();
    await until(() => again.facts().transport === 'stream');
    expect(hq.proof).toBe(proof);
  });
});

describe('pages', () => {
  /** Something in between holds streams back until they end; questions get through. */
  async function buffered() {
    const time = createVirtualTime();
    const rig = await rigOf(time);
    rig.hq.on('/v1/stream', () => {});
    const polls: number[] = [];
    rig.hq.on('/v1/feed', (asked, reply) => {
      polls.push(Number(asked.query.get('waitMs')));
      const from = {
        timeline: rig.hq.timeline,
        pos: Number(asked.query.get('pos')),
        chain: asked.query.get('chain') ?? '',
      };
      const answer = () =>
        reply.json({
          page: rig.hq.feed.pageAfter(from),
          head: rig.hq.feed.head(),
          at: instant(rig.hq),
        });
      if (polls.at(-1) === 0 || rig.hq.feed.pageAfter(from) !== null) return answer();
      time.timers.set(polls.at(-1) ?? 0, answer);
    });
    return { time, polls, ...rig };
  }

  test('come by long polls where streams are held back, and by the stream again later', async () => {
    const { hq, time, polls, store, facts, client } = await buffered();
    hq.feed.publish([memberRow('m-1', 1)]);
    client.start();
    await passUntil(time, () => facts().transport === 'long-poll');
    await passUntil(time, () => store.rows.size === 1);
    expect(facts().state).toBe('online');
    expect(client.headquarters.allowance.reachable()).toBe(true);
    hq.on('/v1/stream', undefined);
    const sinceMs = time.clock.monoMs();
    await passUntil(time, () => facts().transport === 'stream');
    expect(time.clock.monoMs() - sinceMs).toBeLessThan(PROMOTE_AFTER_MS * 2);
    expect(polls.some((waitMs) => waitMs > 0)).toBe(true);
  });

  test('come by short polls where waiting answers are held back too', async () => {
    const { hq, time, polls, store, facts, client } = await buffered();
    client.start();
    await passUntil(time, () => facts().transport === 'long-poll', 1_000);
    const short = (asked: { query: URLSearchParams }) => asked.query.get('waitMs') === '0';
    hq.on('/v1/feed', (asked, reply) => {
      polls.push(Number(asked.query.get('waitMs')));
      if (short(asked))
        reply.json({
          page: hq.feed.pageAfter(store.cursor() ?? origin(hq.timeline)),
          head: hq.feed.head(),
          at: instant(hq),
        });
    });
    await passUntil(time, () => facts().transport === 'poll', 1_000);
    hq.feed.publish([memberRow('m-1', 1)]);
    await passUntil(time, () => store.rows.size === 1);
  });

  test('are not blamed on the way where the whole network is gone', async () => {
    const time = createVirtualTime();
    const { hq, facts, client } = await rigOf(time);
    client.start();
    await until(() => facts().transport === 'stream');
    for (const path of ['/v1/stream', '/v1/feed', '/v1/challenges']) hq.on(path, () => {});
    hq.cut();
    await passUntil(time, () => facts().attempts >= 4, 1_000);
    for (const path of ['/v1/stream', '/v1/feed', '/v1/challenges']) hq.on(path, undefined);
    await passUntil(time, () => facts().state === 'online', 1_000);
    expect(facts().transport).toBe('stream');
  });

  test('of urgent rows ahead of their turn are applied at once and move nothing', async () => {
    const { hq, client, store } = await rigOf();
    hq.on('/v1/stream', (_, reply) =>
      reply.stream().frame({ t: 'express', rows: [['points', 'm-1', 9, '{}']] }),
    );
    client.start();
    await until(() => store.rows.has('points/m-1'));
    expect(store.cursor()?.pos).toBe(0);
  });
});

describe('signed documents', () => {
  const bytes = '{"a":"signed document"}';
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const row = (
    version: number,
    fields: object = {},
  ): Parameters<ScriptedHq['publish']>[0][number] => [
    'document',
    'rule-set',
    version,
    JSON.stringify({ kind: 'rule-set', version, sizeBytes: bytes.length, sha256, ...fields }),
  ];

  test('are fetched when the feed announces them, checked and installed', async () => {
    const { hq, client, documents, facts } = await rigOf();
    hq.on('/v1/documents/rule-set/3', (_, reply) =>
      reply.send(200, 'application/octet-stream', bytes),
    );
    client.start();
    await until(() => facts().transport === 'stream');
    hq.publish([row(3)]);
    await until(() => documents.length === 1);
    expect(documents).toEqual([{ kind: 'rule-set', version: 3, text: bytes }]);
  });

  test('that were announced before a crash are installed at the next start', async () => {
    const { hq, client, documents, store } = await rigOf();
    hq.on('/v1/documents/rule-set/3', (_, reply) =>
      reply.send(200, 'application/octet-stream', bytes),
    );
    store.apply([row(3)], hq.feed.publish([row(3)]));
    client.start();
    await until(() => documents.length === 1);
  });

  test.each([
    ['with other bytes', bytes.replace('a', 'b'), {}],
    ['shorter than announced', bytes.slice(1), {}],
    ['longer than announced', `${bytes} `, {}],
  ])('%s are not installed, and a person is told', async (_, sent, fields) => {
    const time = createVirtualTime();
    const { hq, client, documents, facts } = await rigOf(time);
    hq.on('/v1/documents/rule-set/3', (_asked, reply) =>
      reply.send(200, 'application/octet-stream', sent),
    );
    hq.feed.publish([row(3, fields)]);
    client.start();
    await passUntil(time, () => (facts().troubles ?? []).length > 0);
    expect(facts().troubles).toMatchObject([{ code: 'document-refused' }]);
    expect(documents).toEqual([]);
  });

  test('that the till refuses are shown until one is published that it takes', async () => {
    const refusing = { left: 1 };
    const { hq, client, facts, store } = await rigOf({
      installDocument(kind, version) {
        if (refusing.left > 0) {
          refusing.left -= 1;
          return err({ message: 'the signature is unknown' });
        }
        known.installed.set(kind, version);
        return ok(undefined);
      },
    });
    const known = store;
    for (const version of [3, 4])
      hq.on(`/v1/documents/rule-set/${version}`, (_, reply) =>
        reply.send(200, 'application/octet-stream', bytes),
      );
    hq.feed.publish([row(3)]);
    client.start();
    await until(() => (facts().troubles ?? []).length === 1);
    expect(facts().troubles).toMatchObject([
      { code: 'document-refused', detail: 'rule-set 3: the signature is unknown' },
    ]);
    hq.publish([row(4)]);
    await until(() => (facts().troubles ?? []).length === 0);
  });
});

test('a client that was stopped leaves no timer and no connection behind', async () => {
  const time = createVirtualTime();
  const { hq, client, facts, store } = await rigOf(time);
  store.queue(1);
  client.start();
  await until(() => facts().transport === 'stream' && store.outbox.length === 0);
  await client.stop();
  expect(time.pending()).toBe(0);
  const asked = hq.asked.length;
  await time.advance(10 * 60_000);
  expect(hq.asked).toHaveLength(asked);
});
