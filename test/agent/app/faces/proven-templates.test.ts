import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { createFaceDesk } from '../../../../agent/app/faces/create-face-desk.ts';
import { PROVEN_MAX } from '../../../../agent/app/faces/templates.ts';
import type { FaceTemplate, MemberId, TemplateId } from '../../../../agent/contract/index.ts';
import { sealTemplate } from '../../../../agent/store/face-seal.ts';
import { ANNA, FACE_MODEL, face, openDesk } from '../../../support/face-desk.ts';
import { value } from '../rig.ts';

/** A desk whose keys can be made wrong: a template that still counts as enrolled then was not opened again. */
async function openWithKeys() {
  const rig = openDesk();
  const { templateId } = value(await rig.desk.enrolments.enrol(rig.agree(ANNA)));
  const keys = { wrong: false, of: (id: TemplateId) => rig.parts.keys.get(id) };
  const desk = createFaceDesk({
    ...rig.parts,
    keys: {
      ...rig.parts.keys,
      get: (id) => (keys.wrong ? new Uint8Array(32) : keys.of(id)),
    },
  });
  return { rig, keys, desk, templateId, scope: () => desk.templates.enrolledScope(ANNA) };
}

test('whether a member is enrolled opens their template once, not at every decision', async () => {
  const { keys, scope } = await openWithKeys();
  expect(scope()).toBe('store');
  keys.wrong = true;
  expect(scope()).toBe('store');
});

test('a template that was never opened is not taken at its word', async () => {
  const { keys, scope } = await openWithKeys();
  keys.wrong = true;
  expect(scope()).toBeUndefined();
});

test('what is remembered ends with the key, at once and whoever destroyed it', async () => {
  const { rig, scope, templateId } = await openWithKeys();
  expect(scope()).toBe('store');
  rig.parts.keys.erase(templateId, 'told', 1);
  expect(scope()).toBeUndefined();
});

test('a withdrawal, and a row that was changed, are not overlooked', async () => {
  const { rig, desk, scope, templateId } = await openWithKeys();
  expect(scope()).toBe('store');
  const row = rig.store.faces.find(templateId)?.template as FaceTemplate;
  const sealed = Buffer.from(row.sealed, 'base64');
  sealed[20] = (sealed[20] ?? 0) ^ 1;
  rig.store.faces.remove(templateId);
  rig.store.faces.put({ ...row, sealed: sealed.toString('base64') }, null);
  expect(scope()).toBeUndefined();
  rig.store.faces.remove(templateId);
  rig.store.faces.put(row, null);
  expect(scope()).toBe('store');
  const { witnessId: staffId } = rig.agree(ANNA);
  value(await desk.enrolments.withdraw({ memberId: ANNA, channel: 'staff', staffId }));
  expect(scope()).toBeUndefined();
});

test(`${PROVEN_MAX} templates are remembered, and the oldest gives way`, async () => {
  const { rig, keys, desk, scope, templateId } = await openWithKeys();
  const row = rig.store.faces.find(templateId)?.template as FaceTemplate;
  const key = randomBytes(32);
  const others = Array.from({ length: PROVEN_MAX }, (_, n) => `member-${n}` as MemberId);
  rig.store.transaction(() => {
    for (const [n, memberId] of others.entries()) {
      const id = n.toString(16).padStart(32, '0') as TemplateId;
      const binding = { templateId: id, memberId, model: FACE_MODEL };
      const sealed = sealTemplate(binding, face(2), key, randomBytes);
      rig.store.faces.put({ ...row, ...binding, sealed }, null);
    }
  });
  const own = rig.parts.keys.get(templateId);
  keys.of = (id) => (id === templateId ? own?.slice() : new Uint8Array(key));
  const isRemembered = () => {
    keys.wrong = true;
    const scopeThen = scope();
    keys.wrong = false;
    return scopeThen === 'store';
  };
  scope();
  for (const id of others.slice(1)) expect(desk.templates.enrolledScope(id)).toBe('store');
  expect(isRemembered()).toBe(true);
  expect(desk.templates.enrolledScope(others[0] as MemberId)).toBe('store');
  expect(isRemembered()).toBe(false);
});
