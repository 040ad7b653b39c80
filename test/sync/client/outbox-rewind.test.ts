import { afterEach, describe, expect, test } from 'vitest';
import { rigClient } from './client-rig.ts';
import { startScriptedHq } from './scripted-hq.ts';
import { until } from './virtual-time.ts';

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

async function rigOf() {
  const hq = await startScriptedHq();
  const rig = rigClient(hq);
  open.push(
    () => hq.close(),
    () => rig.client.stop(),
  );
  return { hq, ...rig };
}

describe('a session that says what headquarters holds of this till', () => {
  test.each([
    ['fewer entries than it confirmed', { seq: 8, outboxNo: 12 }, 1],
    ['the same entries and fewer rows beside them', { seq: 9, outboxNo: 11 }, 1],
    ['what it confirmed', { seq: 9, outboxNo: 12 }, 0],
    ['more, because an answer was lost', { seq: 10, outboxNo: 13 }, 0],
  ])('%s: the outbox begins again only where it forgot', async (_, holds, rewinds) => {
    const { hq, store, facts, client } = await rigOf();
    store.setReceived({ seq: 9, outboxNo: 12, backedUpSeq: 0 });
    hq.received = { ...hq.received, ...holds };
    client.start();
    await until(() => facts().transport === 'stream');
    expect(store.rewinds).toHaveLength(rewinds);
  });

  test('after a gap begins the outbox again once, and not at every session that follows', async () => {
    const { hq, store, facts, client } = await rigOf();
    store.queue(1);
    hq.on('/v1/uploads', (_, reply) => {
      hq.on('/v1/uploads', undefined);
      reply.refuse('outbox-gap', { expectedNo: 1 });
    });
    client.start();
    await until(() => store.outbox.length === 0);
    expect(store.rewinds).toHaveLength(1);
    hq.on('/v1/stream', (_, reply) => {
      hq.on('/v1/stream', undefined);
      reply.refuse('unauthenticated');
    });
    const before = hq.count('/v1/sessions');
    hq.cut();
    await until(() => hq.count('/v1/sessions') > before && facts().transport === 'stream');
    expect(store.rewinds).toHaveLength(1);
  });
});
