import { randomBytes } from 'node:crypto';
import { expect, test, vi } from 'vitest';
import type { FaceSessionId } from '../../../../agent/contract/index.ts';
import { composeFaces } from '../../../../agent/main/face/compose-faces.ts';
import { DEFAULT_MODEL } from '../../../../drivers/face/default-model.ts';
import { livenessDefinitionSchema } from '../../../../drivers/liveness/registry.ts';
import { SIM_LIVENESS_PRODUCT } from '../../../../drivers/sim/liveness.ts';
import { ANNA, BO, openDesk } from '../../../support/face-desk.ts';
import { templateOf } from '../../../support/fill-faces.ts';
import { TEST_PLACE } from '../../../support/store.ts';
import { value } from '../../app/rig.ts';

/** Over a till on which Anna is enrolled by a model that the till does not use any more. */
async function composed(
  manifest: Parameters<typeof composeFaces>[0]['manifest'],
  more: Partial<Parameters<typeof composeFaces>[0]> = {},
) {
  const rig = openDesk();
  value(await rig.desk.enrolments.enrol(rig.agree(ANNA)));
  const { store, parts } = rig;
  const faces = composeFaces({
    store,
    keys: parts.keys,
    manifest,
    clock: { now: rig.clock.now, monoMs: () => 0 },
    timers: { set: () => 0 as never, clear: () => undefined },
    random: randomBytes,
    place: () => TEST_PLACE,
    log: () => undefined,
    ...more,
  });
  return { rig, faces };
}

test('templates of another model are offered re-enrolment and never compared', async () => {
  const { faces } = await composed(DEFAULT_MODEL);
  const [held] = [
    ...faces.desk.templates.openAll({ modelId: 'face-api-128', modelVersion: '1.7.15' }),
  ];
  expect(held).toMatchObject({ memberId: ANNA, refused: 'other-model' });
  expect(await faces.deps?.gallery.size()).toBe(0);
  await faces.close();
});

test('a till whose pack cannot be used compares nothing, enrols nobody, and still withdraws', async () => {
  const { rig, faces } = await composed(undefined);
  expect(faces.deps).toBeUndefined();
  expect(rig.store.faces.count()).toBe(1);
  expect(await faces.desk.enrolments.enrol(rig.agree(BO))).toMatchObject({
    ok: false,
    error: { code: 'face-off' },
  });
  const { witnessId: staffId } = rig.agree(ANNA);
  value(await faces.desk.enrolments.withdraw({ memberId: ANNA, channel: 'staff', staffId }));
  expect([rig.store.faces.count(), rig.parts.keys.ids()]).toEqual([0, []]);
  await faces.close();
});

test('a detector of attacks is one that the settings name, answers by its name and is stopped with the till', async () => {
  const due: (() => void)[] = [];
  const timers = { set: (_ms: number, run: () => void) => due.push(run), clear: () => undefined };
  const livenessDetector = livenessDefinitionSchema.parse({
    driver: 'sim-liveness',
    answers: [{ level: 'pad-2' }],
  });
  const { faces } = await composed(DEFAULT_MODEL, { timers, livenessDetector });
  const asked = faces.deps?.liveness?.verdict('session-1' as FaceSessionId);
  due.at(-1)?.();
  expect(await asked).toEqual({
    kind: 'live',
    detector: { product: SIM_LIVENESS_PRODUCT, level: 'pad-2' },
  });
  await faces.close();
  expect(await faces.deps?.liveness?.verdict('session-2' as FaceSessionId)).toEqual({
    kind: 'unknown',
  });
  expect((await composed(DEFAULT_MODEL)).faces.deps?.liveness).toBeUndefined();
});

test('the hourly housekeeping goes on in turns, says where the disk fails, and stops with the till', async () => {
  const due: (() => void)[] = [];
  const timers = { set: (_ms: number, run: () => void) => due.push(run), clear: () => undefined };
  const logged: unknown[] = [];
  const log = (...said: unknown[]) => void logged.push(said);
  const { rig, faces } = await composed(DEFAULT_MODEL, { timers, log });
  const { keys } = rig.parts;
  const hour = (): void => due.splice(0).forEach((run) => void run());
  // A key that no row belongs to is destroyed, but not before the till had its turn.
  keys.put(templateOf(1), new Uint8Array(32));
  hour();
  expect(keys.ids()).toContain(templateOf(1));
  await expect.poll(() => keys.ids()).not.toContain(templateOf(1));
  const failing = vi.spyOn(rig.store.faces, 'after').mockImplementation(() => {
    throw Object.assign(new Error('the disk fails'), {
      name: 'StorageError',
      code: 'storage-failed',
    });
  });
  hour();
  await expect
    .poll(() => logged)
    .toContainEqual(['error', 'housekeeping of faces failed', { code: 'storage-failed' }]);
  failing.mockRestore();
  keys.put(templateOf(2), new Uint8Array(32));
  hour();
  await faces.close();
  const read = vi.spyOn(rig.store.faces, 'after');
  await new Promise<void>((done) => setImmediate(done));
  // Left to the next start; nothing reads the disk of a till that is closed.
  expect(keys.ids()).toContain(templateOf(2));
  expect(read).not.toHaveBeenCalled();
});
