import { afterEach, describe, expect, test } from 'vitest';
import { PUSH_POLL_MS, REFUSALS_MAX } from '../../../sync/client/push.ts';
import { UPLOAD_MAX_ITEMS, type UploadRequest } from '../../../sync/protocol/upload.ts';
import { rigClient } from './client-rig.ts';
import { type Asked, type ScriptedHq, startScriptedHq } from './scripted-hq.ts';
import { createVirtualTime, until } from './virtual-time.ts';

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

async function rigOf(queued: number, options: Parameters<typeof rigClient>[1] = {}) {
  const hq = await startScriptedHq();
  const rig = rigClient(hq, options);
  open.push(
    () => hq.close(),
    () => rig.client.stop(),
  );
  rig.store.queue(queued);
  return { hq, ...rig };
}

const itemsOf = ({ body }: Asked): number[] => (body as UploadRequest).items.map(({ no }) => no);
const uploads = (hq: ScriptedHq): Asked[] => hq.asked.filter(({ path }) => path === '/v1/uploads');
const troubleCodes = (rig: { facts(): { troubles?: readonly { code: string }[] } }) =>
  (rig.facts().troubles ?? []).map(({ code }) => code);

describe('the outbox', () => {
  test('goes up in order, each part after the receipt of the one before', async () => {
    const rig = await rigOf(UPLOAD_MAX_ITEMS + 50);
    let underWay = 0;
    let most = 0;
    rig.hq.on('/v1/uploads', async (asked, reply) => {
      underWay += 1;
      most = Math.max(most, underWay);
      await new Promise((resolve) => setTimeout(resolve, 5));
      underWay -= 1;
      rig.hq.received = { ...rig.hq.received, outboxNo: itemsOf(asked).at(-1) ?? 0 };
      reply.json({ receipt: rig.hq.receipt(), joined: [] });
    });
    rig.client.start();
    await until(() => rig.store.outbox.length === 0);
    expect(most).toBe(1);
    expect(uploads(rig.hq).map((asked) => itemsOf(asked).length)).toEqual([UPLOAD_MAX_ITEMS, 50]);
  });

  test('is looked at now and then although nobody said that something waits', async () => {
    const time = createVirtualTime();
    const rig = await rigOf(0, time);
    rig.client.start();
    await until(() => rig.facts().state === 'online');
    await time.advance(100);
    rig.store.queue(1);
    await time.advance(PUSH_POLL_MS);
    await until(() => rig.store.outbox.length === 0);
  });

  test.each([
    [
      'signed by another key',
      (hq: ScriptedHq) => ({ ...(hq.receipt() as object), signature: 'A'.repeat(86) }),
    ],
    ['about another till', (hq: ScriptedHq) => hq.receipt({ tillId: 'till-2' as never })],
    ['about another database', (hq: ScriptedHq) => hq.receipt({ incarnation: 'incarnation-2' })],
    ['of another timeline', (hq: ScriptedHq) => hq.receipt({ timeline: 'timeline-2' })],
    ['that names nothing of what was sent', (hq: ScriptedHq) => hq.receipt({ outboxNo: 0 })],
    ['without any form', () => 'received'],
  ])('is kept on a receipt %s, and a person is told', async (_, receipt) => {
    const rig = await rigOf(2);
    rig.hq.received = { ...rig.hq.received, outboxNo: 0 };
    rig.hq.on('/v1/uploads', (_asked, reply) => {
      rig.hq.received = { ...rig.hq.received, outboxNo: 2 };
      reply.json({ receipt: receipt(rig.hq), joined: [] });
    });
    rig.client.start();
    await until(() => troubleCodes(rig).includes('receipt-refused'));
    expect(rig.store.outbox).toHaveLength(2);
    rig.hq.on('/v1/uploads', undefined);
    rig.client.headquarters.syncNow();
    await until(() => rig.store.outbox.length === 0);
    expect(troubleCodes(rig)).toEqual([]);
  });

  test('that is too large for HQ goes in halves', async () => {
    const rig = await rigOf(40);
    rig.hq.on('/v1/uploads', (asked, reply) => {
      const items = itemsOf(asked);
      if (items.length > 10) return reply.refuse('too-large');
      rig.hq.received = { ...rig.hq.received, outboxNo: items.at(-1) ?? 0 };
      reply.json({ receipt: rig.hq.receipt(), joined: [] });
    });
    rig.client.start();
    await until(() => rig.store.outbox.length === 0);
    expect(troubleCodes(rig)).toEqual([]);
  });

  test('with one item that HQ never takes: what lies before gets through, and the item is named', async () => {
    const rig = await rigOf(9);
    rig.hq.on('/v1/uploads', (asked, reply) => {
      const items = itemsOf(asked);
      if (items.includes(7)) return reply.refuse('invalid-input', { field: 'items.0.at' });
      rig.hq.received = { ...rig.hq.received, outboxNo: items.at(-1) ?? 0 };
      reply.json({ receipt: rig.hq.receipt(), joined: [] });
    });
    rig.client.start();
    await until(() => troubleCodes(rig).includes('upload-refused'));
    expect(rig.store.outbox.map(({ no }) => no)).toEqual([7, 8, 9]);
    expect(rig.facts().troubles).toMatchObject([
      { detail: 'item 7, audit: invalid-input (items.0.at)' },
    ]);
    expect(rig.facts()).toMatchObject({ state: 'online', waiting: 3 });
  });

  test('with one item that breaks HQ each time: after some refusals it is found and named, and all goes on once HQ is mended', async () => {
    const time = createVirtualTime();
    const rig = await rigOf(9, time);
    rig.hq.on('/v1/uploads', (asked, reply) => {
      const items = itemsOf(asked);
      if (items.includes(7)) return reply.refuse('internal');
      rig.hq.received = { ...rig.hq.received, outboxNo: items.at(-1) ?? 0 };
      reply.json({ receipt: rig.hq.receipt(), joined: [] });
    });
    rig.client.start();
    await until(() => uploads(rig.hq).length === 1);
    expect(troubleCodes(rig)).toEqual([]);
    for (let turn = 0; turn < 400 && !troubleCodes(rig).includes('upload-refused'); turn += 1)
      await time.advance(1_000);
    expect(rig.facts().troubles).toMatchObject([{ detail: 'item 7, audit: internal' }]);
    expect(rig.store.outbox.map(({ no }) => no)).toEqual([7, 8, 9]);
    expect(
      uploads(rig.hq)
        .slice(0, REFUSALS_MAX)
        .map((asked) => itemsOf(asked).length),
    ).toEqual(Array.from({ length: REFUSALS_MAX }, () => 9));
    rig.hq.on('/v1/uploads', undefined);
    rig.client.headquarters.syncNow();
    await until(() => rig.store.outbox.length === 0);
    expect(troubleCodes(rig)).toEqual([]);
  });

  test('of which HQ lacks the beginning is sent again from where HQ says that it is', async () => {
    const rig = await rigOf(3);
    rig.store.setReceived({ seq: 5, outboxNo: 0, backedUpSeq: 0 });
    rig.store.againFrom = 11;
    rig.hq.received = { ...rig.hq.received, seq: 5, outboxNo: 0 };
    let gaps = 0;
    rig.hq.on('/v1/uploads', (_, reply) => {
      gaps += 1;
      // The books were put back while the till was at it.
      rig.hq.received = { ...rig.hq.received, seq: 2, outboxNo: 10 };
      rig.hq.on('/v1/uploads', undefined);
      reply.refuse('outbox-gap', { expectedNo: 11 });
    });
    rig.client.start();
    await until(() => rig.store.outbox.length === 0);
    expect(gaps).toBe(1);
    expect(rig.store.rewinds).toEqual([2]);
    expect(uploads(rig.hq).map(itemsOf)).toEqual([
      [1, 2, 3],
      [11, 12, 13],
    ]);
  });

  test('is sent again where the session shows that HQ forgot what it had confirmed', async () => {
    const rig = await rigOf(1);
    rig.store.setReceived({ seq: 9, outboxNo: 12, backedUpSeq: 4 });
    rig.store.againFrom = 9;
    rig.hq.received = { ...rig.hq.received, seq: 6, outboxNo: 8 };
    rig.client.start();
    await until(() => rig.store.outbox.length === 0);
    expect(rig.store.rewinds).toEqual([6]);
  });

  test('that HQ finds gaps in for ever is shown, not sent in a circle', async () => {
    const rig = await rigOf(1);
    rig.hq.on('/v1/uploads', (_, reply) => reply.refuse('ledger-gap', { expectedSeq: 4 }));
    rig.client.start();
    await until(() => troubleCodes(rig).includes('upload-refused'));
    expect(rig.store.rewinds).toHaveLength(3);
  });

  test('waits as long as HQ asks', async () => {
    const time = createVirtualTime();
    const rig = await rigOf(1, time);
    rig.hq.on('/v1/uploads', (_, reply) =>
      reply.json({ code: 'busy' }, 503, { 'Retry-After': '60' }),
    );
    rig.client.start();
    await until(() => uploads(rig.hq).length === 1);
    for (let second = 0; second < 55; second += 1) {
      rig.hq.beat();
      await time.advance(1_000);
    }
    expect(uploads(rig.hq)).toHaveLength(1);
    rig.hq.on('/v1/uploads', undefined);
    for (let second = 0; second < 25; second += 1) {
      rig.hq.beat();
      await time.advance(1_000);
    }
    await until(() => rig.store.outbox.length === 0);
  });

  test('tells who provisional members turned out to be', async () => {
    const joined = [{ provisionalId: 'join-1', memberId: 'm-7' }];
    const heard: unknown[] = [];
    const rig = await rigOf(1, { onJoined: (who) => void heard.push(...who) });
    rig.hq.on('/v1/uploads', (_, reply) => {
      rig.hq.received = { ...rig.hq.received, outboxNo: 1 };
      reply.json({ receipt: rig.hq.receipt(), joined });
    });
    rig.client.start();
    await until(() => rig.store.outbox.length === 0);
    expect(heard).toEqual(joined);
  });
});
