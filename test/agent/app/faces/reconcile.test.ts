import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import {
  RECONCILE_SLICE,
  reconcileFaces,
  reconcileInTurns,
} from '../../../../agent/app/faces/reconcile.ts';
import type { MemberId } from '../../../../agent/contract/index.ts';
import { uploadItemSchema } from '../../../../sync/protocol/upload.ts';
import {
  ANNA,
  BO,
  CASHIER,
  captures,
  type DeskRig,
  DIMENSIONS,
  FACE_MODEL,
  faceMember,
  openDesk,
} from '../../../support/face-desk.ts';
import { fillFaces, templateOf } from '../../../support/fill-faces.ts';
import { value } from '../rig.ts';

/** Lets a child do it and die; answers whether it died, with everything opened anew. */
function child(rig: DeskRig, action: 'enrol' | 'withdraw', when: string, step: string): boolean {
  const keyPath = join(rig.keyFolder, 'till.key');
  const key = Buffer.from(rig.keyStore.key ?? []).toString('hex');
  writeFileSync(keyPath, `${key}\n`, { mode: 0o600 });
  rig.parts.keys.close();
  rig.store.close();
  const args = [rig.dataDir, keyPath, action, when, step];
  const { signal, stderr } = spawnSync(
    process.execPath,
    ['test/support/enrol-and-die.ts', ...args],
    { encoding: 'utf8' },
  );
  if (signal !== 'SIGKILL' && step !== '') throw new Error(`it did not come to ${step}: ${stderr}`);
  rig.restart();
  return signal === 'SIGKILL';
}

/** What is true whatever happened: a row has its key and was told, a destroyed key has no row and its end was told. */
function isInStep(rig: DeskRig): void {
  const ids = rig.store.faces.ids();
  expect(rig.parts.keys.ids()).toEqual(ids);
  const told = rig.enrolments().map(({ template }) => template.templateId);
  for (const id of ids) expect(told).toContain(id);
  const ended = rig.withdrawals().flatMap(({ templateIds }) => templateIds);
  for (const id of told)
    if (!ids.includes(id)) {
      expect(rig.parts.keys.erased(id)).toBeDefined();
      expect(ended).toContain(id);
    }
  expect(new Set(ended).size).toBe(ended.length);
  expect(reconcileFaces(rig.parts)).toMatchObject({
    value: { keysErased: 0, ended: 0, dropped: 0, toldAgain: 0, putBack: 0 },
  });
}

describe('a till that is killed (kill -9) while it enrols', () => {
  test.each([
    ['before', 'put', 0],
    ['after', 'put', 0],
    ['before', 'transaction', 0],
    ['after', 'transaction', 1],
  ])('%s its step `%s` has the template whole or not at all', (when, step, templates) => {
    const rig = openDesk();
    child(rig, 'enrol', when, step);
    expect(rig.store.faces.count()).toBe(templates);
    expect([...rig.desk.templates.openAll(FACE_MODEL)].every((one) => !('refused' in one))).toBe(
      true,
    );
    isInStep(rig);
  });

  test.each([
    ['after', 'put'],
    ['after', 'transaction'],
    ['before', 'erase'],
    ['after', 'erase'],
  ])('%s its step `%s` of a renewal still has exactly one template', (when, step) => {
    const rig = openDesk();
    child(rig, 'enrol', '', '');
    const before = rig.store.faces.ids();
    child(rig, 'enrol', when, step);
    expect(rig.store.faces.count()).toBe(1);
    expect(rig.desk.templates.enrolledScope(ANNA)).toBe('store');
    if (step === 'put') expect(rig.store.faces.ids()).toEqual(before);
    else expect(rig.parts.keys.erased(before[0] as never)).toMatchObject({ reason: 'replaced' });
    isInStep(rig);
  });
});

describe('a till that is killed (kill -9) while a member withdraws', () => {
  test.each([
    ['before', 'erase', false],
    ['after', 'erase', true],
    ['before', 'transaction', true],
    ['after', 'transaction', true],
  ])(
    '%s its step `%s`: the withdrawal is done and told once, or was not begun',
    (when, step, isDone) => {
      const rig = openDesk();
      child(rig, 'enrol', '', '');
      const [id] = rig.store.faces.ids();
      child(rig, 'withdraw', when, step);
      expect(rig.store.faces.count()).toBe(isDone ? 0 : 1);
      expect(rig.withdrawals().map(({ templateIds }) => templateIds)).toEqual(isDone ? [[id]] : []);
      expect(rig.parts.keys.get(id as never) === undefined).toBe(isDone);
      isInStep(rig);
    },
  );
});

describe('templates and keys that differ at the start', () => {
  test('a row whose key is lost is dropped, and the member may enrol again', async () => {
    const rig = openDesk();
    value(await rig.desk.enrolments.enrol(rig.agree(ANNA)));
    rig.parts.keys.close();
    rig.store.close();
    writeFileSync(rig.keyFile, 'no database at all');
    rig.restart();
    expect(rig.store.faces.count()).toBe(0);
    value(await rig.desk.enrolments.enrol(rig.agree(ANNA)));
  });

  test('a fed row without a key stays: it may come from another till', async () => {
    const rig = openDesk();
    const { templateId } = value(await rig.desk.enrolments.enrol(rig.agree(ANNA)));
    const fed = { ...rig.enrolments()[0]?.template, templateId: 'f'.repeat(32), tillId: 'till-2' };
    rig.store.sync.apply([['face', fed.templateId, 9, JSON.stringify(fed)]]);
    rig.desk.templates.rows.put(fed as never);
    rig.restart();
    expect(rig.store.faces.ids()).toEqual([templateId, fed.templateId].sort());
  });

  test('an end whose row of the outbox was lost is told again while headquarters feeds the template', async () => {
    const rig = openDesk();
    const { templateId } = value(await rig.desk.enrolments.enrol(rig.agree(ANNA)));
    const body = JSON.stringify(rig.enrolments()[0]?.template);
    rig.store.sync.apply([['face', templateId, 9, body]]);
    const done = value(
      await rig.desk.enrolments.withdraw({
        memberId: ANNA,
        channel: 'staff',
        staffId: 'cashier-1' as never,
      }),
    );
    rig.withSql((db) =>
      db.exec(`UPDATE outbox SET kind = 'release', body = '{"allowanceId":"a"}'
        WHERE kind = 'face-withdrawal'`),
    );
    rig.restart();
    expect(rig.withdrawals()).toMatchObject([{ withdrawalId: done.withdrawalId, memberId: ANNA }]);
  });

  test('an enrolment whose row of the outbox was lost is told again', async () => {
    const rig = openDesk();
    value(await rig.desk.enrolments.enrol(rig.agree(ANNA)));
    const [before] = rig.enrolments();
    rig.withSql((db) =>
      db.exec(`UPDATE outbox SET kind = 'release', body = '{"allowanceId":"a"}'
        WHERE kind = 'face-enrolment'`),
    );
    rig.restart();
    expect(rig.enrolments()).toEqual([before]);
    rig.restart();
    expect(rig.enrolments()).toHaveLength(1);
  });

  test('what goes up is what the protocol takes', async () => {
    const rig = openDesk();
    value(await rig.desk.enrolments.enrol(rig.agree(ANNA)));
    value(await rig.desk.enrolments.enrol(rig.agree(ANNA)));
    const items = rig.store.sync.nextUpload(200, 1_000_000);
    expect(items.map(({ kind }) => kind)).toEqual([
      'face-enrolment',
      'face-enrolment',
      'face-withdrawal',
    ]);
    for (const item of items) expect(uploadItemSchema.safeParse(item).error).toBeUndefined();
  });
});

describe('keys and rows are brought in step while people are served', () => {
  const COUNT = 2 * RECONCILE_SLICE + 1;
  const filled = (): DeskRig => {
    const rig = openDesk();
    fillFaces(rig, COUNT, FACE_MODEL, DIMENSIONS);
    return rig;
  };
  const goOn = async (): Promise<boolean> => {
    await nextTurn();
    return true;
  };
  const NOTHING = { keysErased: 0, ended: 0, dropped: 0, toldAgain: 0, putBack: 0 };

  test('what is enrolled, told and withdrawn between two slices is left as it is', async () => {
    const rig = filled();
    const CLEO = 'cleo' as MemberId;
    rig.members(faceMember(BO), faceMember(CLEO));
    // Its row is read before the first pause, and its key as well.
    const first = value(await rig.desk.enrolments.enrol(rig.agree(BO))).templateId;
    const going = reconcileInTurns(rig.parts, goOn);
    // Lies behind what was read so far, and its key is none of those that were listed.
    const second = value(
      await rig.desk.enrolments.enrol(rig.agree(CLEO, { captures: captures(2) })),
    ).templateId;
    value(await rig.desk.enrolments.withdraw({ memberId: BO, channel: 'staff', staffId: CASHIER }));
    expect(await going).toMatchObject({ value: NOTHING });
    expect(rig.store.faces.find(second)).toBeDefined();
    expect(rig.parts.keys.get(second)).toBeDefined();
    expect([rig.store.faces.find(first), rig.parts.keys.get(first)]).toEqual([
      undefined,
      undefined,
    ]);
    const told = rig.enrolments().map(({ template }) => template.templateId);
    expect(told).toEqual([first, second]);
    expect(rig.withdrawals()).toHaveLength(1);
  });

  test('the till has its turn after each slice, and stops it when it closes', async () => {
    const rig = filled();
    let turns = 0;
    const whole = await reconcileInTurns(rig.parts, async () => {
      turns += 1;
      return true;
    });
    expect([whole, turns]).toMatchObject([{ value: NOTHING }, 3]);
    expect(await reconcileInTurns(rig.parts, async () => false)).toEqual({
      ok: true,
      value: undefined,
    });
  });

  test('keys without a row are erased one at a time: each costs flushes of the disk', async () => {
    const rig = openDesk();
    fillFaces(rig, 3, FACE_MODEL, DIMENSIONS);
    for (const nth of [0, 1, 2]) rig.store.faces.remove(templateOf(nth));
    const left: number[] = [];
    const done = await reconcileInTurns(rig.parts, async () => {
      left.push(rig.parts.keys.ids().length);
      return true;
    });
    expect(done).toMatchObject({ value: { ...NOTHING, keysErased: 3 } });
    expect(left).toEqual([3, 2, 1, 0]);
  });
});
