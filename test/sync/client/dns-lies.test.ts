import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { startTcpProxy } from '../../support/tcp-proxy.ts';
import { rigClient } from './client-rig.ts';
import { memberRow } from './feed-model.ts';
import { createMemoryStore } from './memory-store.ts';
import { startScriptedHq } from './scripted-hq.ts';
import { until } from './virtual-time.ts';

const open: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

/** A headquarters of somebody else, and a page that says anything to anybody. */
async function liars() {
  const foreign = await startScriptedHq({ tls: {} });
  open.push(() => foreign.close());
  let pages = 0;
  const page = createServer((_, response) => {
    pages += 1;
    response.end('{}');
  });
  await new Promise<void>((done) => page.listen(0, '127.0.0.1', done));
  open.push(() => new Promise((done) => page.close(done)));
  return {
    foreign: { port: Number(new URL(foreign.url).port), heard: () => foreign.asked.length },
    'plain page': { port: (page.address() as AddressInfo).port, heard: () => pages },
  };
}

describe('DNS lies', () => {
  test.each(['foreign', 'plain page'] as const)(
    'a name that leads to a %s tells it nothing, brings nothing, and is over once it leads home',
    async (which) => {
      const hq = await startScriptedHq({ tls: { hosts: ['localhost'] } });
      open.push(() => hq.close());
      hq.feed.publish([memberRow('m-1', 1)]);
      const liar = (await liars())[which];
      const name = await startTcpProxy({ targetPort: liar.port });
      open.push(() => name.close());
      const url = `https://localhost:${name.port}`;
      const rig = rigClient(hq, { store: createMemoryStore(hq.registration({ url })) });
      open.push(() => rig.client.stop());
      rig.store.queue(1);
      rig.client.start();
      await until(() => ![undefined, null, 'starting'].includes(rig.facts().offlineReason));
      expect([liar.heard(), rig.store.rows.size, rig.store.outbox.length]).toEqual([0, 0, 1]);
      name.pointTo(Number(new URL(hq.url).port));
      rig.client.headquarters.syncNow();
      await until(() => rig.store.rows.size === 1 && rig.store.outbox.length === 0);
      expect(liar.heard()).toBe(0);
    },
  );

  test('a name that leads nowhere is the network that fails', async () => {
    const hq = await startScriptedHq({ tls: {} });
    open.push(() => hq.close());
    const url = 'https://headquarters.invalid:8443';
    const rig = rigClient(hq, { store: createMemoryStore(hq.registration({ url })) });
    open.push(() => rig.client.stop());
    rig.client.start();
    await until(() => rig.facts().offlineReason === 'network');
    expect(rig.facts()).toMatchObject({ state: 'offline' });
  });
});
