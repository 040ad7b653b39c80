import { randomBytes } from 'node:crypto';
import { basename } from 'node:path';
import { expect, test } from 'vitest';
import type { MemberId } from '../../../../agent/contract/index.ts';
import { salvageFolder } from '../../../../agent/store/salvage/salvage-folder.ts';
import { ruinPage, treesOf } from '../../../support/damaged.ts';
import {
  type DeskRig,
  FACE_MODEL,
  face,
  faceMember,
  openDesk,
} from '../../../support/face-desk.ts';
import { must } from '../../../support/must.ts';
import { value } from '../rig.ts';

const MEMBERS = 30;

/** Enrols many, ruins a page of one table, and opens what the salvage made of it. */
async function salvaged(table: string): Promise<{ rig: DeskRig; enrolled: string[] }> {
  const rig = openDesk();
  const ids = Array.from({ length: MEMBERS }, (_, n) => `m-${n}` as MemberId);
  rig.members(...ids.map((id) => faceMember(id)));
  const enrolled: string[] = [];
  for (const [n, id] of ids.entries()) {
    const captures = [0, 0.01, 0.02].map((off) => face(n * 2, off));
    enrolled.push(value(await rig.desk.enrolments.enrol(rig.agree(id, { captures }))).templateId);
  }
  const [file, key] = [basename(rig.store.file), rig.keyStore.key ?? new Uint8Array()];
  const path = rig.store.file;
  rig.parts.keys.close();
  rig.store.close();
  const folder = { dataDir: rig.dataDir, file, key, sold: [], remove: () => undefined };
  // The last page of a table's tree is a leaf: rows are lost with it.
  ruinPage(path, treesOf(folder).get(table)?.at(-1) ?? 0);
  const { dataDir } = rig;
  must(salvageFolder({ dataDir, key, nowMs: rig.clock.nowMs, random: randomBytes }));
  rig.restart();
  return { rig, enrolled: enrolled.sort() };
}

test('a ruined page of the outbox: what it told of templates is told again', async () => {
  const { rig, enrolled } = await salvaged('outbox');
  expect(rig.logged.join('')).toMatch(/"toldAgain":[1-9]/);
  const told = rig.enrolments().map(({ template }) => template.templateId);
  expect(told.sort()).toEqual(enrolled);
}, 30_000);

test('a ruined page of the templates: those of which the outbox tells come back, with their consent', async () => {
  const { rig, enrolled } = await salvaged('faces');
  expect(rig.logged.join('')).toMatch(/"putBack":[1-9]/);
  const opened = [...rig.desk.templates.openAll(FACE_MODEL)];
  expect(opened.map(({ templateId }) => templateId)).toEqual(enrolled);
  expect(opened.filter((one) => 'refused' in one)).toEqual([]);
  expect(rig.desk.heldOf('m-1' as MemberId).consents).toHaveLength(1);
}, 30_000);
