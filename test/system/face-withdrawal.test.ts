import { afterEach, expect, test, vi } from 'vitest';
import { endFaceChains, openFaceChain } from '../support/face-chain/chain.ts';
import { type ChainTill, openChainTill } from '../support/face-chain/till.ts';
import { HQ_START_LIMIT_MS } from '../support/hq.ts';

vi.setConfig({ testTimeout: 180_000, hookTimeout: HQ_START_LIMIT_MS });
afterEach(endFaceChains);

const ANNA_SEEN = 1;

/** Pokes tills until something holds. */
async function meanwhile(tills: readonly ChainTill[], holds: () => boolean | Promise<boolean>) {
  await vi.waitFor(
    async () => {
      for (const till of tills) till.poke();
      expect(await holds()).toBe(true);
    },
    { timeout: 60_000, interval: 100 },
  );
}

/** Two stores with a till each, a member whom both carry, and their template, made at A and in use at both. */
async function openBoth() {
  const chain = await openFaceChain();
  const anna = await chain.member(1);
  const a = await openChainTill(chain, 'till-a', 's1');
  const b = await openChainTill(chain, 'till-b', 's2');
  await meanwhile([a, b], () =>
    [a, b].every(({ store }) => store.store.members.byId(anna) !== undefined),
  );
  const template = await a.enrol(anna, ANNA_SEEN);
  await meanwhile([a, b], async () => (await b.recognises(ANNA_SEEN)) === anna);
  const destroyed = async () =>
    (await chain.receipts(anna)).every((one) => one.ended !== null && one.destroyed);
  return { chain, anna, a, b, template, destroyed };
}

test('a withdrawal at headquarters destroys the keys of tills that are there and of one that comes back', async () => {
  const { chain, anna, a, b, template, destroyed } = await openBoth();
  await b.offline();
  await chain.withdraw(anna);
  await meanwhile([a], async () => (await a.recognises(ANNA_SEEN)) === undefined);
  expect(await destroyed()).toBe(false);
  expect(await b.recognises(ANNA_SEEN)).toBe(anna);
  b.online();
  await meanwhile([a, b], destroyed);
  for (const till of [a, b]) {
    expect(await till.recognises(ANNA_SEEN)).toBeUndefined();
    expect(till.keys().get(template.templateId)).toBeUndefined();
    expect(till.store.store.faces.count()).toBe(0);
  }
});
