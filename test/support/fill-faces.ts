import { hkdfSync, randomBytes } from 'node:crypto';
import Database from 'better-sqlite3';
import {
  type FaceModel,
  type FaceTemplate,
  type MemberId,
  type TemplateId,
  toInstant,
} from '../../agent/contract/index.ts';
import { sealTemplate } from '../../agent/store/face-seal.ts';
import { ANNA, type DeskRig } from './face-desk.ts';
import { TEST_NOW_MS, TEST_PLACE } from './store.ts';

/** The member of the nth template; the eighth is ANNA. */
export const memberOf = (nth: number): MemberId =>
  nth === 7 ? ANNA : (`member-${nth}` as MemberId);
export const templateOf = (nth: number): TemplateId =>
  nth.toString(16).padStart(32, '0') as TemplateId;

/** Somebody's descriptor, seeded: different people lie far apart. */
export function descriptorOf(nth: number, dimensions: number): Float32Array {
  let state = nth * 7_919 + 1;
  return Float32Array.from({ length: dimensions }, () => {
    state = (state * 48_271) % 2_147_483_647;
    return (state / 2_147_483_647 - 0.5) * 0.4;
  });
}

/** Fills the till's database and its key file with templates of another till that really open. */
export function fillFaces(rig: DeskRig, count: number, model: FaceModel, dimensions: number): void {
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
    for (let nth = 0; nth < count; nth++) {
      const [templateId, memberId, key] = [templateOf(nth), memberOf(nth), randomBytes(32)];
      const sealed = sealTemplate(
        { templateId, memberId, model },
        descriptorOf(nth, dimensions),
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
