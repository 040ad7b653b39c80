import { afterEach, describe, expect, test } from 'vitest';
import { type ClientRig, rigClient } from './client-rig.ts';
import { memberRow } from './feed-model.ts';
import { type ScriptedHq, type ScriptedOptions, startScriptedHq } from './scripted-hq.ts';
import { until } from './virtual-time.ts';

const open: { stop?(): Promise<void>; close?(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await (one.stop?.() ?? one.close?.());
});

async function hqOf(options?: ScriptedOptions): Promise<ScriptedHq> {
  const hq = await startScriptedHq(options);
  open.push(hq);
  return hq;
}

function start(rig: ClientRig): ClientRig {
  open.push(rig.client);
  rig.client.start();
  return rig;
}

describe('a till that syncs', () => {
  test('takes what was published before and what is published while it listens, over its pinned authority', async () => {
    const hq = await hqOf({ tls: {} });
    hq.feed.publish([memberRow('m-1', 1), memberRow('m-2', 2)]);
    const rig = start(rigClient(hq));
    await until(() => rig.store.rows.size === 2);
    hq.publish([memberRow('m-1', 3)]);
    await until(() => rig.store.rows.get('member/m-1')?.ver === 3);
    expect(rig.store.cursor()).toEqual(hq.feed.head());
    expect(rig.changed).toHaveLength(3);
    expect(rig.facts()).toMatchObject({ state: 'online', transport: 'stream', pos: 3, headPos: 3 });
  });

  test('sends its outbox and forgets it on the receipt', async () => {
    const hq = await hqOf();
    const rig = rigClient(hq);
    rig.store.queue(3);
    start(rig);
    await until(() => rig.store.outbox.length === 0);
    rig.store.queue(2);
    rig.client.notify();
    await until(() => rig.store.outbox.length === 0);
    expect(rig.store.receipts.at(-1)?.outboxNo).toBe(5);
    expect(rig.facts()).toMatchObject({ waiting: 0 });
  });
});
