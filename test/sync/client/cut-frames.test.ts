import { expect, test } from 'vitest';
import { rigClient } from './client-rig.ts';
import { memberRow } from './feed-model.ts';
import { origin } from './memory-store.ts';
import { startScriptedHq } from './scripted-hq.ts';
import { until } from './virtual-time.ts';

/** Tills at a time. */
const AT_ONCE = 16;

/** Cuts the stream behind so many bytes of its first page, once. @returns how often rows were applied */
async function cutBehind(bytes: number): Promise<number> {
  const hq = await startScriptedHq();
  hq.feed.publish([memberRow('会员-1', 1)]);
  const page = hq.feed.pageAfter(origin(hq.timeline));
  const line = Buffer.from(JSON.stringify({ t: 'page', page }));
  hq.on('/v1/stream', (_, reply) => {
    hq.on('/v1/stream', undefined);
    reply.stream().write(line.subarray(0, bytes));
    setImmediate(() => reply.raw.destroy());
  });
  const rig = rigClient(hq);
  rig.client.start();
  await until(() => rig.store.cursor()?.pos === 1);
  await rig.client.stop();
  await hq.close();
  expect(hq.count('/v1/stream')).toBe(2);
  expect([...rig.store.rows.keys()]).toEqual(['member/会员-1']);
  return rig.store.transactions.length;
}

test('cut at every frame byte: the page is applied once, when it came whole', async () => {
  const size = await sizeOfPage();
  const cuts = Array.from({ length: size }, (_, n) => n);
  while (cuts.length > 0) {
    const applied = await Promise.all(cuts.splice(0, AT_ONCE).map(cutBehind));
    expect(applied.every((times) => times === 1)).toBe(true);
  }
}, 120_000);

async function sizeOfPage(): Promise<number> {
  const hq = await startScriptedHq();
  hq.feed.publish([memberRow('会员-1', 1)]);
  const page = hq.feed.pageAfter(origin(hq.timeline));
  await hq.close();
  return Buffer.byteLength(JSON.stringify({ t: 'page', page }));
}
