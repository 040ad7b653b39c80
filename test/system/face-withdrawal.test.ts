import { afterEach, expect, test, vi } from 'vitest';
import { keepFacePause } from '../../agent/app/faces/pause.ts';
import type { FaceTemplate } from '../../agent/contract/index.ts';
import { endFaceChains, openFaceChain } from '../support/face-chain/chain.ts';
import { everythingAt, everythingIn, opensWithAny } from '../support/face-chain/keys-anywhere.ts';
import { type ChainTill, openChainTill } from '../support/face-chain/till.ts';
import { CASHIER } from '../support/face-desk.ts';
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
    [a, b].every(
      ({ store, faces }) =>
        store.store.members.byId(anna) !== undefined && faces().desk.switch.isOn(),
    ),
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

test('a withdrawal at A erases at B and at headquarters, and no backup of either brings the template back to use', async () => {
  const { chain, anna, a, b, template, destroyed } = await openBoth();
  const { templateId } = template;
  // Backups of both while the member agrees, and B is away from here on.
  const image = await b.image();
  const backup = await chain.backUp();
  // Where a key is, the search finds it; headquarters never had one.
  expect(opensWithAny(template, await everythingAt(b))).toBe(true);
  expect(opensWithAny(template, await everythingIn(chain))).toBe(false);
  a.poke();

  await a.withdraw(anna);
  expect(await a.recognises(ANNA_SEEN)).toBeUndefined();
  expect(await b.recognises(ANNA_SEEN)).toBe(anna);
  await meanwhile([a], async () => (await chain.receipts(anna))[0]?.ended != null);
  expect(await destroyed()).toBe(false);
  b.online();
  await meanwhile([a, b], destroyed);
  expect(await b.recognises(ANNA_SEEN)).toBeUndefined();
  expect(await chain.hq.deps.db.query('SELECT 1 FROM face_templates')).toEqual([]);

  // B's database as it was: the row is there again until the start looks at it, the key is not.
  await b.restore(image);
  expect(await b.recognises(ANNA_SEEN)).toBeUndefined();
  expect(b.store.store.faces.find(templateId)).toBeUndefined();
  expect(b.keys().put(templateId, new Uint8Array(32))).toBe(false);

  // Headquarters' database as it was: it feeds the template until the tills have said that it is over.
  await a.offline();
  await chain.restore(backup);
  const [old] = await chain.hq.deps.db.query<{ body: string }>('SELECT body FROM face_templates');
  const left = JSON.parse(old?.body ?? '') as FaceTemplate;
  expect(left).toEqual(template);
  await b.restore(image);
  b.online();
  await meanwhile([b], async () => (await chain.receipts(anna))[0]?.ended != null);
  expect(await b.recognises(ANNA_SEEN)).toBeUndefined();
  a.online();
  await meanwhile([a, b], destroyed);
  expect(await a.recognises(ANNA_SEEN)).toBeUndefined();

  // Nothing that lies anywhere opens what is left, B's image in its place once more and the backup included.
  await b.restore(image);
  await chain.restore(backup);
  const places = [
    ...(await everythingAt(a)),
    ...(await everythingAt(b)),
    ...(await everythingIn(chain)),
  ];
  expect(places.some((one) => one.includes(left.sealed))).toBe(true);
  expect(opensWithAny(left, places)).toBe(false);
});

test('a withdrawal at B of what A made ends it at A, which was away', async () => {
  const { chain, anna, a, b, template, destroyed } = await openBoth();
  await a.offline();
  await b.withdraw(anna);
  expect(await b.recognises(ANNA_SEEN)).toBeUndefined();
  await meanwhile([b], async () => (await chain.receipts(anna))[0]?.ended != null);
  expect(await a.recognises(ANNA_SEEN)).toBe(anna);
  a.online();
  await meanwhile([a, b], destroyed);
  expect(await a.recognises(ANNA_SEEN)).toBeUndefined();
  expect(a.keys().erased(template.templateId)).toMatchObject({ reason: 'told' });
  // What A then says again is not taken for a new enrolment.
  await a.restart();
  a.online();
  await meanwhile([a, b], destroyed);
  expect(await chain.hq.deps.db.query('SELECT 1 FROM face_templates')).toEqual([]);
});

test('a member who was merged withdraws under the account that is left, and the template of the other one ends', async () => {
  const { chain, anna, a, b, template, destroyed } = await openBoth();
  const bo = await chain.member(2);
  await chain.merge(anna, bo);
  await meanwhile([a, b], async () => (await b.recognises(ANNA_SEEN)) === bo);
  await a.offline();
  const { templateIds } = await b.withdraw(bo);
  expect(templateIds).toEqual([template.templateId]);
  a.online();
  await meanwhile([a, b], destroyed);
  for (const till of [a, b]) expect(await till.recognises(ANNA_SEEN)).toBeUndefined();
});

test('a till that comes back under another incarnation of its database destroys the key, too', async () => {
  const { chain, anna, a, b, template, destroyed } = await openBoth();
  const image = await b.image();
  await a.withdraw(anna);
  await meanwhile([a], async () => (await chain.receipts(anna))[0]?.ended != null);
  // The database of B comes from an image, and speaks to headquarters under a new name.
  await b.restore(image);
  const before = b.store.store.sync.incarnation;
  expect(b.store.store.wantIncarnation()).toBe(true);
  await b.restart();
  expect(b.store.store.sync.incarnation).not.toBe(before);
  expect(await b.recognises(ANNA_SEEN)).toBe(anna);
  b.online();
  await meanwhile([a, b], destroyed);
  expect(await b.recognises(ANNA_SEEN)).toBeUndefined();
  expect(b.keys().erased(template.templateId)).toMatchObject({ reason: 'told' });
});

test('a paused till gets templates sealed and no key of them, and asks for the keys once it goes on', async () => {
  const { chain, anna, a, b, template } = await openBoth();
  const bo = await chain.member(2);
  await meanwhile([a, b], () =>
    [a, b].every(({ store }) => store.store.members.byId(bo) !== undefined),
  );
  keepFacePause(b.store.store.meta, { atMs: Date.now(), staffId: CASHIER });
  const { templateId } = await a.enrol(bo, 2);
  await meanwhile([a, b], () => b.store.store.faces.find(templateId) !== undefined);
  // Rounds enough for a key to be asked for and given several times over.
  let rounds = 0;
  await meanwhile([a, b], () => {
    rounds += 1;
    return rounds > 30;
  });
  expect(b.keys().ids()).toEqual([template.templateId]);
  expect((await chain.receipts(bo))[0]?.tills.map(({ tillId }) => tillId)).toEqual(['till-a']);
  // What it had can still be taken back everywhere.
  await a.withdraw(anna);
  await meanwhile([a, b], () => b.keys().ids().length === 0);

  keepFacePause(b.store.store.meta, null);
  await meanwhile([a, b], async () => (await b.recognises(2)) === bo);
});
