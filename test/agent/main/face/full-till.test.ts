import { randomBytes } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import {
  FACES_FILING_LIMIT,
  facesFiled,
} from '../../../../agent/domain/face-consent/filing-limit.ts';
import { composeFaces } from '../../../../agent/main/face/compose-faces.ts';
import { DEFAULT_MODEL } from '../../../../drivers/face/default-model.ts';
import { ANNA, BO, CASHIER, openDesk } from '../../../support/face-desk.ts';
import { descriptorOf, fillFaces, memberOf, templateOf } from '../../../support/fill-faces.ts';
import { TEST_PLACE } from '../../../support/store.ts';
import { failed, value } from '../../app/rig.ts';

const COUNT = 100_000;
const LIMIT_MS = 180_000;
const { id: modelId, version: modelVersion, dimensions } = DEFAULT_MODEL;
const model = { modelId, modelVersion };
const MIB = 1_048_576;
/** What the numbers of all templates take, in bytes. */
const NUMBERS_BYTES = COUNT * dimensions * 4;
/** Memory that the till may grow by, in times of that: the gallery itself, and what its reading leaves to be collected. */
const MEMORY_TIMES = 8;

const goOn = async (): Promise<boolean> => {
  await nextTurn();
  return true;
};

/** How long work in turns takes, and the longest that it lets nothing else run, in milliseconds. */
async function holdUps(work: Promise<unknown>): Promise<{ wholeMs: number; longestMs: number }> {
  const started = performance.now();
  let [last, longestMs, isOver] = [started, 0, false];
  void work.finally(() => {
    isOver = true;
  });
  while (!isOver) {
    await nextTurn();
    const now = performance.now();
    longestMs = Math.max(longestMs, now - last);
    last = now;
  }
  return { wholeMs: last - started, longestMs };
}

test('100,000 templates: sealed in the store, opened into the gallery, searched, counted, and one of them withdrawn', {
  timeout: LIMIT_MS,
}, async () => {
  expect(COUNT).toBe(FACES_FILING_LIMIT);
  const rig = openDesk();
  const started = performance.now();
  fillFaces(rig, COUNT, model, dimensions);
  const filled = performance.now();
  const before = process.memoryUsage().rss;
  const faces = composeFaces({
    store: rig.store,
    keys: rig.parts.keys,
    manifest: DEFAULT_MODEL,
    clock: { now: rig.clock.now, monoMs: () => 0 },
    timers: { set: () => 0 as never, clear: () => undefined },
    random: randomBytes,
    place: () => TEST_PLACE,
    log: (level, message, fields) => void rig.logged.push(JSON.stringify([level, message, fields])),
  });
  const { desk, deps } = faces;
  if (deps === undefined) throw new Error('the shipped model fits');
  const composed = performance.now();
  // Nothing was ended by bringing keys and rows in step.
  expect([desk.templates.count(), desk.keeper.keys().kept.length]).toEqual([COUNT, COUNT]);
  expect(facesFiled(desk.templates.count()).warning?.en).toContain('no more are enrolled');

  expect(await deps.gallery.size()).toBe(COUNT);
  const loaded = performance.now();
  const grown = process.memoryUsage().rss - before;
  for (const nth of [0, 7, 54_321, COUNT - 1]) {
    const [found] = await deps.gallery.nearest(descriptorOf(nth, dimensions), 1);
    expect(found).toEqual({ memberId: memberOf(nth), distance: expect.closeTo(0, 5) });
  }
  const searched = performance.now();
  const seconds = (from: number, to: number): string => ((to - from) / 1_000).toFixed(1);
  console.log(
    `${COUNT} templates: sealed and stored in ${seconds(started, filled)} s, brought in step in ${seconds(filled, composed)} s, opened into the gallery in ${seconds(composed, loaded)} s, 4 searches in ${seconds(loaded, searched)} s; memory grew by ${Math.round(grown / MIB)} MiB, ${(grown / NUMBERS_BYTES).toFixed(1)} times their numbers`,
  );
  expect(await deps.gallery.nearest(descriptorOf(COUNT, dimensions), 3)).toHaveLength(3);
  const { wholeMs, longestMs } = await holdUps(desk.reconcile(goOn));
  console.log(
    `housekeeping over ${COUNT} templates: ${Math.round(wholeMs)} ms, ${Math.round(longestMs)} ms at a time at most`,
  );

  const captures = [0, 0.001, 0.002].map((off) =>
    descriptorOf(COUNT, dimensions).map((value) => value + off),
  );
  const enrolment = { ...rig.agree(BO, { captures }), model };
  expect(failed(await desk.enrolments.enrol(enrolment)).code).toBe('face-full');
  value(await desk.enrolments.withdraw({ memberId: ANNA, channel: 'staff', staffId: CASHIER }));
  expect([await deps.gallery.size(), desk.templates.count()]).toEqual([COUNT - 1, COUNT - 1]);
  expect(rig.parts.keys.get(templateOf(7))).toBeUndefined();
  value(await desk.enrolments.enrol(enrolment));
  expect((await deps.gallery.nearest(descriptorOf(COUNT, dimensions), 1))[0]?.memberId).toBe(BO);
  expect(rig.logged).toEqual([
    JSON.stringify(['info', 'the gallery of faces is filled', { templates: COUNT }]),
  ]);

  expect(grown).toBeLessThan(MEMORY_TIMES * NUMBERS_BYTES);
  await faces.close();
});
