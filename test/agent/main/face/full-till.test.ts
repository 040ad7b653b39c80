import { hkdfSync, randomBytes } from 'node:crypto';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import {
  type FaceTemplate,
  type MemberId,
  type TemplateId,
  toInstant,
} from '../../../../agent/contract/index.ts';
import {
  FACES_FILING_LIMIT,
  facesFiled,
} from '../../../../agent/domain/face-consent/filing-limit.ts';
import { composeFaces } from '../../../../agent/main/face/compose-faces.ts';
import { sealTemplate } from '../../../../agent/store/face-seal.ts';
import { DEFAULT_MODEL } from '../../../../drivers/face/default-model.ts';
import { ANNA, BO, CASHIER, type DeskRig, openDesk } from '../../../support/face-desk.ts';
import { TEST_NOW_MS, TEST_PLACE } from '../../../support/store.ts';
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

const memberOf = (nth: number): MemberId => (nth === 7 ? ANNA : (`member-${nth}` as MemberId));
const templateOf = (nth: number): TemplateId => nth.toString(16).padStart(32, '0') as TemplateId;

/** Somebody's descriptor, seeded: different people lie far apart. */
function descriptorOf(nth: number): Float32Array {
  let state = nth * 7_919 + 1;
  return Float32Array.from({ length: dimensions }, () => {
    state = (state * 48_271) % 2_147_483_647;
    return (state / 2_147_483_647 - 0.5) * 0.4;
  });
}

/** Fills the till's database and its key file as full as they may be, with templates that really open. */
function fill(rig: DeskRig): void {
  const databaseKey = rig.keyStore.key ?? new Uint8Array();
  // In one transaction: one by one the disk would be flushed a hundred thousand times.
  const derived = hkdfSync(
    'sha256',
    databaseKey,
    new Uint8Array(0),
    'tillside/template-keys/1',
    32,
  );
  const keys = new Database(rig.keyFile);
  keys.pragma(`cipher='sqlcipher'`);
  keys.pragma('legacy=4');
  keys.pragma(`key="x'${Buffer.from(derived).toString('hex')}'"`);
  const insert = keys.prepare('INSERT INTO keys VALUES (?, ?)');
  const at = toInstant(TEST_NOW_MS);
  const { storeId } = TEST_PLACE.store;
  keys.exec('BEGIN');
  rig.store.transaction(() => {
    for (let nth = 0; nth < COUNT; nth++) {
      const [templateId, memberId, key] = [templateOf(nth), memberOf(nth), randomBytes(32)];
      const sealed = sealTemplate(
        { templateId, memberId, model },
        descriptorOf(nth),
        key,
        randomBytes,
      );
      const scope = 'chain';
      const template = { templateId, memberId, model, sealed, scope, storeId, tillId: 'other', at };
      rig.store.faces.put(template as unknown as FaceTemplate, null);
      insert.run(templateId, key);
    }
  });
  keys.exec('COMMIT');
  keys.close();
}

test('100,000 templates: sealed in the store, opened into the gallery, searched, counted, and one of them withdrawn', {
  timeout: LIMIT_MS,
}, async () => {
  expect(COUNT).toBe(FACES_FILING_LIMIT);
  const rig = openDesk();
  const started = performance.now();
  fill(rig);
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
    const [found] = await deps.gallery.nearest(descriptorOf(nth), 1);
    expect(found).toEqual({ memberId: memberOf(nth), distance: expect.closeTo(0, 5) });
  }
  const searched = performance.now();
  const seconds = (from: number, to: number): string => ((to - from) / 1_000).toFixed(1);
  console.log(
    `${COUNT} templates: sealed and stored in ${seconds(started, filled)} s, brought in step in ${seconds(filled, composed)} s, opened into the gallery in ${seconds(composed, loaded)} s, 4 searches in ${seconds(loaded, searched)} s; memory grew by ${Math.round(grown / MIB)} MiB, ${(grown / NUMBERS_BYTES).toFixed(1)} times their numbers`,
  );
  expect(await deps.gallery.nearest(descriptorOf(COUNT), 3)).toHaveLength(3);

  const captures = [0, 0.001, 0.002].map((off) => descriptorOf(COUNT).map((value) => value + off));
  const enrolment = { ...rig.agree(BO, { captures }), model };
  expect(failed(await desk.enrolments.enrol(enrolment)).code).toBe('face-full');
  value(await desk.enrolments.withdraw({ memberId: ANNA, channel: 'staff', staffId: CASHIER }));
  expect([await deps.gallery.size(), desk.templates.count()]).toEqual([COUNT - 1, COUNT - 1]);
  expect(rig.parts.keys.get(templateOf(7))).toBeUndefined();
  value(await desk.enrolments.enrol(enrolment));
  expect((await deps.gallery.nearest(descriptorOf(COUNT), 1))[0]?.memberId).toBe(BO);
  expect(rig.logged).toEqual([
    JSON.stringify(['info', 'the gallery of faces is filled', { templates: COUNT }]),
  ]);

  expect(grown).toBeLessThan(MEMORY_TIMES * NUMBERS_BYTES);
  await faces.close();
});
