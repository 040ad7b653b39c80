import { randomBytes } from 'node:crypto';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { createSettleFaces } from '../../../../sync/client/faces/settle-faces.ts';
import type { FeedRow } from '../../../../sync/protocol/feed.ts';
import { openTestStore, type TestStore } from '../../../support/store.ts';
import { enrolledAt, type FaceFiles, newFaceFiles, removeFaceFolders } from './face-till.ts';

const NOW_MS = Date.parse('2026-11-21T08:30:00Z');
afterAll(removeFaceFolders);

let till: TestStore;
let faces: FaceFiles;
let settled: ReturnType<typeof createSettleFaces>;
beforeEach(() => {
  till = openTestStore();
  faces = newFaceFiles();
  settled = settle();
});

function settle() {
  const deps = {
    store: till.store.sync,
    clock: { now: () => NOW_MS, monoMs: () => 0 },
    log: () => {},
  };
  return createSettleFaces({ deps, faces });
}

const made = enrolledAt('m-1', { tillId: 'till-9', storeId: 'store-1', scope: 'store' });
const { template } = made.enrolment;
const { templateId } = template;
const row = (ver: number, body: string | null = JSON.stringify(template)): FeedRow => [
  'face',
  templateId,
  ver,
  body,
];
const feed = (...rows: FeedRow[]): void => {
  const { changed } = till.store.sync.apply(rows);
  settled.settle(changed.map(({ key }) => key));
};

test('a fed template is kept, and its key is lacking until it comes', () => {
  feed(row(1));
  expect(faces.rows.find(templateId)).toEqual(template);
  expect([...settled.lacking]).toEqual([templateId]);
  faces.keys.put(templateId, made.key);
  expect([...settle().lacking]).toEqual([]);
});

test('a removal destroys the key, then the row, and headquarters is to be told', () => {
  feed(row(1));
  faces.keys.put(templateId, made.key);
  const order: string[] = [];
  const { rows, keys } = faces;
  const { end } = rows;
  Object.assign(rows, {
    end(id: string) {
      order.push(`end ${keys.get(id)}`);
      end(id);
    },
  });
  feed(row(2, null));
  expect(order).toEqual(['end undefined']);
  expect(rows.find(templateId)).toBeUndefined();
  expect(keys.erased(templateId)).toEqual({ reason: 'told', atMs: NOW_MS });
  expect([...settled.gone]).toEqual([templateId]);
});

test('the end of a template that was enrolled here and never fed destroys it too', () => {
  const own = { ...template, tillId: till.store.sync.tillId as never };
  faces.rows.put(own);
  faces.keys.put(templateId, made.key);
  settled.settleAll();
  expect(faces.keys.get(templateId)).toEqual(made.key);
  feed(row(1, null));
  expect(faces.keys.get(templateId)).toBeUndefined();
  expect(faces.rows.find(templateId)).toBeUndefined();
});

test('a removal that a crash cut short is finished at the next start', () => {
  feed(row(1));
  faces.keys.put(templateId, made.key);
  till.store.sync.apply([row(2, null)]);
  settle().settleAll();
  expect(faces.keys.erased(templateId)).toMatchObject({ reason: 'told' });
  expect(faces.rows.ids()).toEqual([]);
});

test('a row that is not what was fed is put right, and its key stays', () => {
  feed(row(1));
  faces.keys.put(templateId, made.key);
  faces.rows.end(templateId);
  faces.rows.put({ ...template, sealed: 'AAAA' });
  settled.settleAll();
  expect(faces.rows.find(templateId)).toEqual(template);
  expect(faces.keys.get(templateId)).toEqual(made.key);
});

test('a row that no feed brought stays until a check or headquarters says so, and goes with its key', () => {
  faces.rows.put(template);
  faces.keys.put(templateId, made.key);
  settled.settleAll();
  expect(faces.keys.get(templateId)).toEqual(made.key);
  settled.unknown([templateId]);
  expect(faces.rows.ids()).toEqual([]);
  expect(faces.keys.erased(templateId)).toMatchObject({ reason: 'not-fed' });
});

test('a template whose key was destroyed never comes back, whatever is fed, and headquarters is told again', () => {
  faces.keys.erase(templateId, 'withdrawn', NOW_MS);
  feed(row(1));
  expect(faces.rows.ids()).toEqual([]);
  expect([...settled.lacking]).toEqual([]);
  expect([...settled.gone]).toEqual([templateId]);
});

test('a row that this version cannot read changes nothing', () => {
  feed(row(1));
  faces.keys.put(templateId, made.key);
  feed(row(2, '{"templateId":"of a later version"}'));
  settled.settleAll();
  expect(faces.keys.get(templateId)).toEqual(made.key);
  feed(row(3, null));
  expect(faces.keys.get(templateId)).toBeUndefined();
});

test('what was enrolled here and headquarters has yet to hear of stays', () => {
  faces.rows.put({ ...template, tillId: till.store.sync.tillId as never });
  faces.keys.put(templateId, made.key);
  settled.unknown([templateId]);
  expect(faces.keys.get(templateId)).toEqual(made.key);
});

test('a key whose enrolment is being written stays', () => {
  faces.keys.put('a'.repeat(32), randomBytes(32));
  settled.settleAll();
  expect(faces.keys.ids()).toEqual(['a'.repeat(32)]);
});

test('what headquarters says is over is destroyed, once', () => {
  feed(row(1));
  faces.keys.put(templateId, made.key);
  settled.over([templateId]);
  expect(faces.keys.erased(templateId)).toMatchObject({ reason: 'told' });
  settled.gone.clear();
  settled.over([templateId]);
  expect([...settled.gone]).toEqual([]);
});
