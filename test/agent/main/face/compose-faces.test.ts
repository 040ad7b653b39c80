import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import type { FaceSessionId } from '../../../../agent/contract/index.ts';
import { composeFaces } from '../../../../agent/main/face/compose-faces.ts';
import { DEFAULT_MODEL } from '../../../../drivers/face/default-model.ts';
import { livenessDefinitionSchema } from '../../../../drivers/liveness/registry.ts';
import { SIM_LIVENESS_PRODUCT } from '../../../../drivers/sim/liveness.ts';
import { ANNA, BO, openDesk } from '../../../support/face-desk.ts';
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
