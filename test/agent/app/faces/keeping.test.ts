import { describe, expect, it, onTestFinished } from 'vitest';
import { ERASED_AT_A_TIME } from '../../../../agent/app/faces/switch.ts';
import type { StaffId, TemplateId } from '../../../../agent/contract/index.ts';
import { FACES_FILING_LIMIT } from '../../../../agent/domain/face-consent/filing-limit.ts';
import {
  claimOf,
  type FaceTill,
  memberOf,
  startFaceTill,
  threeSeen,
} from '../../../support/face-till.ts';
import { must } from '../../../support/hq-database.ts';
import { MANAGER } from '../../../support/small-chain.ts';

/** A busy machine takes many times as long as a quiet one. */
const WAIT = { timeout: 20_000 };
const PASSED = { kind: 'challenge', result: 'passed' } as const;

/** A real agent with these members enrolled, the second of the chain for all stores, and a manager at the screen. */
async function open(...enrolled: number[]): Promise<FaceTill> {
  const till = await startFaceTill({ browserScreens: false });
  onTestFinished(() => till.close());
  must(await till.headless.till.signIn(MANAGER.staffId as StaffId, MANAGER.pin));
  for (const nth of enrolled) await till.enrol(nth, nth === 1 ? 'chain' : 'store');
  return till;
}

const overviewOf = async ({ headless }: FaceTill) =>
  must(await headless.till.faceKeeping.overview());
const audited = ({ headless }: FaceTill) =>
  headless.store.audit
    .recent(20)
    .map(({ action }) => action)
    .filter((action) => action.startsWith('faces-'))
    .reverse();

describe('what a till keeps of faces', () => {
  it('is figures and states, and nobody by name', async () => {
    const till = await open(0, 1);
    const overview = await overviewOf(till);
    expect(overview).toMatchObject({
      use: 'on',
      erasing: false,
      model: { modelId: 'face-api-128' },
      stored: 2,
      limit: FACES_FILING_LIMIT,
      templates: { usable: 2, withoutKey: 0, damaged: 0, otherModel: 0 },
      keys: { kept: 2, erased: 0 },
      ends: { waiting: [], waitingInAll: 0, unfinished: 0 },
      attempts: { failed: 0, limit: 30, windowSeconds: 900 },
      refusedMessages: 0,
    });
    expect(JSON.stringify(overview)).not.toMatch(/member-\d/);
  }, 60_000);

  it('tells the session that is open and attempts that failed', async () => {
    const till = await open(0);
    const { faces } = till.headless.till;
    const identificationId = await claimOf(till.headless, 0);
    till.camera.wait();
    must(await faces.start({ purpose: 'verify', by: 'cashier', identificationId }));
    expect(await overviewOf(till)).toMatchObject({ session: { purpose: 'verify' } });
    await till.camera.begin();
    await till.camera.send(PASSED, ...threeSeen(4));
    expect(await overviewOf(till)).toMatchObject({
      session: { phase: 'done' },
      attempts: { failed: 1 },
    });
  }, 60_000);

  it('lists an end that headquarters has yet to hear of, and gives its receipt', async () => {
    const till = await open(0);
    const { headless } = till;
    const identificationId = await claimOf(headless, 0);
    const { staffId: managerId, pin } = MANAGER;
    const vouched = { action: 'withdraw-consent', reason: 'asked for', managerId, pin } as const;
    must(await headless.till.override({ kind: 'screen' }, { identificationId, ...vouched }));
    const done = must(await headless.till.faces.withdraw({ identificationId, by: 'cashier' }));
    if (done.outcome !== 'withdrawn') throw new Error('a manager vouched');
    const { withdrawalId } = done;
    const { ends, stored } = await overviewOf(till);
    expect([stored, ends.waitingInAll]).toEqual([0, 1]);
    expect(ends.waiting).toMatchObject([{ withdrawalId, reason: 'withdrawn', destroyed: 1 }]);
    expect(must(await headless.till.faceKeeping.member(memberOf(0)))).toMatchObject({
      servedAs: memberOf(0),
      held: { templates: [], consents: [] },
      receipts: [{ withdrawalId, isWaiting: true, destroyed: 1 }],
    });
  }, 60_000);

  it('counts an end that a disk cut off behind its key, and a till that starts after it puts it right', async () => {
    const till = await open(0);
    const { headless } = till;
    const identificationId = await claimOf(headless, 0);
    const { staffId: managerId, pin } = MANAGER;
    const vouched = { action: 'withdraw-consent', reason: 'asked for', managerId, pin } as const;
    must(await headless.till.override({ kind: 'screen' }, { identificationId, ...vouched }));
    Object.assign(headless.store.faces, {
      remove() {
        throw Object.assign(new Error('full'), { name: 'StorageError', code: 'storage-full' });
      },
    });
    const cutOff = await headless.till.faces.withdraw({ identificationId, by: 'cashier' });
    expect(cutOff).toMatchObject({ error: { code: 'storage-full' } });
    expect(await overviewOf(till)).toMatchObject({ stored: 1, ends: { unfinished: 1 } });
    await till.restart();
    expect(await overviewOf(till)).toMatchObject({
      stored: 0,
      ends: { waitingInAll: 1, unfinished: 0 },
    });
  }, 60_000);

  it('holds of one member consents and templates field by field, and no numbers', async () => {
    const till = await open(1);
    const found = must(await till.headless.till.faceKeeping.member(memberOf(1)));
    expect(found.held).toMatchObject({
      consents: [{ scope: 'chain', textVersion: 'f1', witnessId: MANAGER.staffId }],
      templates: [{ scope: 'chain', hasKey: true, lastSeenOn: null }],
    });
    expect(JSON.stringify(found)).not.toContain('sealed');
    expect(must(await till.headless.till.faceKeeping.member('nobody' as never))).toMatchObject({
      servedAs: null,
      held: { templates: [], consents: [] },
      receipts: [],
    });
  }, 60_000);
});

describe('a manager’s pause', () => {
  it('ends the session, uses no face and keeps the templates; then all is as before', async () => {
    const till = await open(0);
    const { faces, faceKeeping } = till.headless.till;
    const identificationId = await claimOf(till.headless, 0);
    must(await faces.start({ purpose: 'verify', by: 'cashier', identificationId }));
    expect(must(await faceKeeping.pause(true))).toMatchObject({ use: 'paused', stored: 1 });
    expect(must(await faces.watch(undefined))).toMatchObject({
      on: false,
      off: 'paused',
      session: { outcome: 'ended', reason: 'switched-off' },
    });
    expect(await faces.start({ purpose: 'identify', by: 'cashier' })).toMatchObject({
      error: { code: 'face-off' },
    });
    expect(must(await faceKeeping.pause(false))).toMatchObject({ use: 'on', stored: 1 });
    till.camera.wait();
    must(await faces.start({ purpose: 'verify', by: 'cashier', identificationId }));
    await till.camera.begin();
    await till.camera.send(PASSED, ...threeSeen(0));
    expect(must(await faces.watch(undefined)).session?.outcome).toBe('recognised');
    expect(audited(till)).toEqual(['faces-paused', 'faces-resumed']);
  }, 60_000);

  it('asks for somebody at the screen', async () => {
    const till = await open();
    must(await till.headless.till.signOut());
    expect(await till.headless.till.faceKeeping.pause(true)).toMatchObject({
      error: { code: 'staff-required' },
    });
    expect(await overviewOf(till)).toMatchObject({ use: 'on' });
  }, 60_000);

  it('is another thing than the store’s own switch', async () => {
    const till = await open(0);
    const { faceKeeping, faces } = till.headless.till;
    till.set({ offInStores: ['store-1' as never] });
    expect(await overviewOf(till)).toMatchObject({ use: 'store-off', stored: 1 });
    expect(must(await faces.watch(undefined))).toMatchObject({ on: false, off: 'store-off' });
    must(await faceKeeping.pause(true));
    till.set({});
    expect(await overviewOf(till)).toMatchObject({ use: 'paused' });
    till.set(null);
    must(await faceKeeping.pause(false));
    expect(await overviewOf(till)).toMatchObject({ use: 'not-set' });
  }, 60_000);
});

describe('the destruction of what lies at a till', () => {
  it('pauses, destroys every key and tells headquarters of those for this store alone', async () => {
    const till = await open(0, 1);
    const { faceKeeping } = till.headless.till;
    const begun = must(await faceKeeping.erase());
    expect(begun.use).toBe('paused');
    await expect
      .poll(() => overviewOf(till), WAIT)
      .toMatchObject({
        stored: 0,
        erasing: false,
        keys: { kept: 0, erased: 2 },
        ends: { waitingInAll: 1, unfinished: 0 },
      });
    expect(audited(till)).toEqual(['faces-erase', 'faces-erased']);
    const { ends } = await overviewOf(till);
    expect(ends.waiting.map(({ reason }) => reason)).toEqual(['retention']);
  }, 60_000);

  it('lets nobody use faces again before it is done', async () => {
    const till = await open(0);
    const { faceKeeping } = till.headless.till;
    const erasing = faceKeeping.erase();
    expect(await faceKeeping.pause(false)).toMatchObject({ error: { code: 'face-busy' } });
    must(await erasing);
    await expect.poll(() => overviewOf(till), WAIT).toMatchObject({ stored: 0, erasing: false });
    expect(must(await faceKeeping.pause(false))).toMatchObject({ use: 'on' });
  }, 60_000);

  it('goes on where the disk failed in the middle, at the next look at it', async () => {
    const till = await open(0);
    const { faces } = till.headless.store;
    const real = faces.remove;
    let failures = 0;
    Object.assign(faces, {
      remove() {
        failures += 1;
        throw Object.assign(new Error('full'), { name: 'StorageError', code: 'storage-full' });
      },
    });
    must(await till.headless.till.faceKeeping.erase());
    await expect.poll(() => failures, WAIT).toBe(1);
    expect(await overviewOf(till)).toMatchObject({ use: 'paused', stored: 1, erasing: true });
    Object.assign(faces, { remove: real });
    await expect.poll(() => overviewOf(till), WAIT).toMatchObject({ stored: 0, erasing: false });
  }, 60_000);

  it('stops with the till between two templates, and goes on with it', async () => {
    const till = await open(0);
    const { faces } = till.headless.store;
    const [real] = faces.ofMember(memberOf(0));
    if (real === undefined) throw new Error('enrolled');
    // More than are destroyed while the till closes.
    till.headless.store.transaction(() => {
      for (let n = 0; n < 40 * ERASED_AT_A_TIME; n += 1) {
        const templateId = n.toString(16).padStart(32, '0') as TemplateId;
        faces.put({ ...real.template, templateId }, null);
      }
    });
    await till.headless.till.faceKeeping.erase();
    expect(faces.count()).toBeGreaterThan(ERASED_AT_A_TIME);
    await till.restart();
    await expect
      .poll(() => overviewOf(till), WAIT)
      .toMatchObject({ use: 'paused', stored: 0, erasing: false });
    expect(audited(till)).toEqual(['faces-erase', 'faces-erased']);
  }, 60_000);

  it('goes on after a power cut', async () => {
    const till = await open(0);
    // As a kill behind the note leaves it.
    till.headless.store.meta.set('face-erasing', MANAGER.staffId);
    till.headless.store.meta.set('face-paused', JSON.stringify({ atMs: 1, staffId: 'm1' }));
    await till.restart();
    // Before anybody looks at it.
    await expect.poll(() => till.headless.store.faces.count(), WAIT).toBe(0);
    await expect
      .poll(() => overviewOf(till), WAIT)
      .toMatchObject({
        use: 'paused',
        stored: 0,
        keys: { kept: 0, erased: 1 },
      });
  }, 60_000);
});

describe('the filing limit', () => {
  it('is said before anybody reads and agrees: a session that would enrol one more does not begin', async () => {
    const till = await open();
    const { headless } = till;
    const identificationId = await claimOf(headless, 3);
    const { staffId: managerId, pin } = MANAGER;
    const vouched = { action: 'enrol-biometric', reason: 'asked for', managerId, pin } as const;
    must(await headless.till.override({ kind: 'screen' }, { identificationId, ...vouched }));
    const request = { purpose: 'enrol', by: 'cashier', identificationId } as const;
    const { faces } = headless.store;
    const real = faces.count;
    Object.assign(faces, { count: () => FACES_FILING_LIMIT });
    expect(await headless.till.faces.start(request)).toMatchObject({
      error: { code: 'face-full' },
    });
    expect((await overviewOf(till)).warning?.en).toContain('no more are enrolled');
    Object.assign(faces, { count: () => FACES_FILING_LIMIT - 1 });
    expect(await headless.till.faces.start(request)).toMatchObject({
      value: { outcome: 'started' },
    });
    expect((await overviewOf(till)).warning?.en).toContain('close to the filing limit');
    Object.assign(faces, { count: real });
    expect((await overviewOf(till)).warning).toBeUndefined();
  }, 60_000);
});
