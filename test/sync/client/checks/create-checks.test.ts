import { describe, expect, test } from 'vitest';
import { unreachableBy } from '../../../../sync/client/call-failure.ts';
import { REPORT_RECORDS_MAX } from '../../../../sync/client/checks/reports.ts';
import { LOOK_AGAIN_MS, WALK_EVERY_MS } from '../../../../sync/client/checks/schedule.ts';
import { SCRUB_EVERY_MS } from '../../../../sync/client/checks/scrub.ts';
import { WALK_BEHIND_MAX, WALK_WAIT_MS } from '../../../../sync/client/checks/settle.ts';
import type { CheckRecord } from '../../../../sync/protocol/check.ts';
import { diskFull } from '../memory-store.ts';
import { createChecksRig, open, settle } from './checks-rig.ts';
import { bodyOf, keyOf } from './walk-rig.ts';

const HOUR_MS = 60 * 60_000;

describe('the checks of a till', () => {
  test('make digests first, compare then, and tell headquarters what they found', async () => {
    const { begin, till, time, walks, reported, end } = createChecksRig();
    till.unmade = 5_000;
    const checks = begin();
    expect(checks.port.facts().state).toBe('off');
    checks.opened(open);
    await time.advance(1_000);
    expect(till.unmade).toBe(0);
    expect(walks()).toMatchObject([{ why: 'start', outcome: 'clean' }]);
    expect(reported.flat()).toMatchObject([{ kind: 'walk' }]);
    expect(till.untold(10)).toEqual([]);
    await end();
  });

  test('compare daily, scrub daily too, and stop clean with no timer left', async () => {
    const { begin, time, till, end } = createChecksRig(undefined, 4);
    begin().opened(open);
    const days = 12;
    for (let hour = 0; hour < days * 24; hour += 6) await time.advance(6 * HOUR_MS);
    const records = till.records(200);
    const scrubs = records.filter(({ kind }) => kind === 'scrub').length;
    const walks = records.filter(({ kind }) => kind === 'walk').length;
    expect(walks).toBeGreaterThanOrEqual(days);
    expect(walks).toBeLessThanOrEqual(days * (WALK_EVERY_MS / (WALK_EVERY_MS - HOUR_MS)) + 1);
    expect(scrubs).toBeGreaterThanOrEqual(days);
    expect(scrubs).toBeLessThanOrEqual(days * ((24 * HOUR_MS) / SCRUB_EVERY_MS) + 1);
    await end();
    expect(time.pending()).toBe(0);
  });

  test('are off with a headquarters of protocol 3, which says so and is never asked', async () => {
    const { begin, time, kinds, is, end } = createChecksRig();
    const { digestKey: _none, ...older } = { ...open, protocol: 3 };
    is.session = older;
    const checks = begin();
    checks.opened(older);
    await time.advance(2 * WALK_EVERY_MS);
    expect(kinds).toEqual([]);
    expect(checks.port.facts().state).toBe('off');
    expect(await checks.port.verify({ deep: true })).toMatchObject({
      error: { code: 'not-known-there' },
    });
    await end();
  });

  test('walk where a root of a page differs, without any alarm', async () => {
    const { begin, time, till, hq, walks, codes, end } = createChecksRig();
    const checks = begin();
    checks.opened(open);
    await time.advance(1_000);
    hq.put('member', keyOf(3), 900, '{"other":1}');
    const to = till.place as NonNullable<typeof till.place>;
    const page = { from: to, to, rows: [], count: 0, hash: '', exact: true };
    checks.taken({ ...page, roots: till.roots()?.roots as never });
    await time.advance(1_000);
    expect(walks()).toHaveLength(1);
    checks.taken({ ...page, roots: [{ table: 'member', rows: 40, sum: 'f'.repeat(32) }] });
    await time.advance(1_000);
    expect(walks()[0]).toMatchObject({ why: 'root', outcome: 'repaired', stale: 1 });
    expect(codes()).toEqual([]);
    await end();
  });

  test('that a person asks for run one at a time, and who asks meanwhile joins', async () => {
    const { begin, time, walks, till, end } = createChecksRig();
    const checks = begin();
    checks.opened(open);
    await time.advance(1_000);
    const both = [checks.port.verify({ deep: false }), checks.port.verify({ deep: false })];
    const [a, b] = await settle(time, Promise.all(both));
    expect(a).toMatchObject({ ok: true, value: [{ kind: 'walk', why: 'asked' }] });
    expect(b).toBe(a);
    expect(walks().filter(({ why }) => why === 'asked')).toHaveLength(1);
    const deep = checks.port.verify({ deep: true });
    await time.advance(0);
    till.tables.get('member')?.set(keyOf(2), { ver: 3, body: 'flipped' });
    expect(await settle(time, deep)).toMatchObject({
      value: [{ kind: 'scrub' }, { kind: 'walk' }],
    });
    await end();
  });

  test('find by a deep check what lies broken on the disk, and repair it', async () => {
    const { begin, time, till, end } = createChecksRig();
    const checks = begin();
    checks.opened(open);
    await time.advance(1_000);
    till.tables.get('member')?.set(keyOf(2), { ver: 3, body: 'flipped' });
    till.tables.get('member')?.delete(keyOf(5));
    expect(await settle(time, checks.port.verify({ deep: false }))).toMatchObject({
      value: [{ outcome: 'clean' }],
    });
    expect(await settle(time, checks.port.verify({ deep: true }))).toMatchObject({
      value: [
        { kind: 'scrub', outcome: 'repaired', damaged: 2 },
        { kind: 'walk', outcome: 'repaired', damaged: 1, missing: 1 },
      ],
    });
    expect(till.tables.get('member')?.get(keyOf(2))?.body).toBe(bodyOf(2));
    await end();
  });

  test('find by the daily scrub what lies broken, and walk at the end of the pass', async () => {
    const { begin, time, till, walks, end } = createChecksRig();
    begin().opened(open);
    await time.advance(LOOK_AGAIN_MS);
    till.tables.get('member')?.set(keyOf(39), { ver: 3, body: 'flipped' });
    await time.advance(24 * HOUR_MS);
    expect(walks().some(({ damaged, repaired }) => damaged === 1 || repaired === 1)).toBe(true);
    expect(till.tables.get('member')?.get(keyOf(39))?.body).toBe(bodyOf(39));
    await end();
  });

  test('that a person asks for out of reach are refused at once; what is due waits for headquarters', async () => {
    const { begin, time, is, walks, kinds, end } = createChecksRig();
    is.online = false;
    const checks = begin();
    checks.opened(open);
    expect(await checks.port.verify({ deep: false })).toMatchObject({ error: { code: 'offline' } });
    await time.advance(HOUR_MS);
    expect(kinds).toEqual([]);
    is.online = true;
    await time.advance(LOOK_AGAIN_MS);
    expect(walks()).toHaveLength(1);
    await end();
  });

  test('wait while the till is far behind, at the limit and not below it', async () => {
    for (const more of [0, 1]) {
      const { begin, time, is, walks, end } = createChecksRig();
      is.behind = WALK_BEHIND_MAX + more;
      begin().opened(open);
      await time.advance(LOOK_AGAIN_MS);
      expect(walks()).toHaveLength(1 - more);
      await end();
    }
  });

  test('leave a busy headquarters in peace for as long as it asks, and record one failure', async () => {
    const { begin, time, is, kinds, walks, end } = createChecksRig();
    is.failure = { code: 'refused', refusal: 'busy', detail: {}, retryAfterMs: 1_200_000 };
    begin().opened(open);
    await time.advance(1_000_000);
    expect(kinds).toEqual(['roots']);
    await time.advance(1_000_000);
    expect(kinds).toEqual(['roots', 'roots']);
    expect(walks()).toMatchObject([{ outcome: 'failed', failure: 'busy' }]);
    is.failure = null;
    await time.advance(2 * HOUR_MS);
    expect(walks()[0]).toMatchObject({ outcome: 'clean' });
    await end();
  });

  test('record each failed walk that repaired something before, however many failed in a row', async () => {
    const { begin, time, is, till, hq, walks, kinds, end } = createChecksRig();
    is.failure = unreachableBy('timed-out', 'late');
    begin().opened(open);
    await time.advance(1_000_000);
    expect(walks()).toHaveLength(1);
    hq.put('article', 'tea', 900, '{}');
    hq.put('setting', 'k', 901, '{}');
    // The first table is repaired, and the next one is never walked to its end.
    hq.before = ({ t }) => {
      is.failure = t === 'rows' ? unreachableBy('timed-out', 'late') : null;
    };
    is.failure = null;
    const before = kinds.length;
    for (let hours = 0; walks().length < 2 && hours < 3; hours++) {
      await time.advance(HOUR_MS);
      is.failure = null;
    }
    expect(kinds.slice(before)).toContain('rows');
    expect(walks()[0]).toMatchObject({ outcome: 'failed', failure: 'timed-out', repaired: 1 });
    expect(till.repairs).toHaveLength(1);
    await end();
  });

  test('tell a person why one did not come to its end', async () => {
    const { begin, time, is, end } = createChecksRig();
    const checks = begin();
    checks.opened(open);
    await time.advance(1_000);
    is.failure = unreachableBy('timed-out', 'late');
    expect(await settle(time, checks.port.verify({ deep: false }))).toEqual({
      ok: false,
      error: { code: 'offline', detail: 'timed-out' },
    });
    is.failure = { code: 'refused', refusal: 'not-found', detail: {}, retryAfterMs: null };
    expect(await settle(time, checks.port.verify({ deep: false }))).toMatchObject({
      error: { code: 'not-known-there' },
    });
    await end();
  });

  test('tell a disk that fails, and clear it when it works again', async () => {
    const { begin, time, till, codes, end } = createChecksRig();
    const checks = begin();
    checks.opened(open);
    await time.advance(1_000);
    till.fail = diskFull;
    expect(await settle(time, checks.port.verify({ deep: false }))).toMatchObject({
      error: { code: 'failed' },
    });
    expect(codes()).toEqual(['storage-failed']);
    till.fail = undefined;
    expect(await settle(time, checks.port.verify({ deep: false }))).toMatchObject({ ok: true });
    expect(codes()).toEqual([]);
    await end();
  });

  test('whose key could not be kept when the session opened keep it as soon as the disk works', async () => {
    const { begin, time, till, walks, codes, end } = createChecksRig();
    till.fail = diskFull;
    begin().opened(open);
    expect(codes()).toEqual(['storage-failed']);
    till.fail = undefined;
    await time.advance(2 * LOOK_AGAIN_MS);
    expect(walks()).toHaveLength(1);
    await end();
  });

  test('that are asked for as the program ends are told so', async () => {
    const { begin, time, till, end } = createChecksRig();
    const checks = begin();
    checks.opened(open);
    await time.advance(1_000);
    till.unmade = 1;
    const asked = checks.port.verify({ deep: true });
    await end();
    expect(await asked).toMatchObject({ ok: false });
  });

  test('report at most so many records at once, all of them, and none that cannot be read for ever', async () => {
    const { begin, time, till, reported, is, end } = createChecksRig();
    const checks = begin();
    checks.opened(open);
    await time.advance(1_000);
    const [one] = till.records(1);
    for (let n = 0; n < REPORT_RECORDS_MAX + 5; n++) till.record(one as CheckRecord);
    is.reportFails = unreachableBy('network', 'x');
    await time.advance(LOOK_AGAIN_MS);
    // Nothing was told meanwhile; the scrub has added its own.
    const waiting = till.untold(200).length;
    expect(waiting).toBeGreaterThanOrEqual(REPORT_RECORDS_MAX + 5);
    is.reportFails = null;
    await time.advance(10 * LOOK_AGAIN_MS);
    const sizes = reported.slice(1).map(({ length }) => length);
    expect(sizes).toEqual([REPORT_RECORDS_MAX, waiting - REPORT_RECORDS_MAX]);
    till.record(one as CheckRecord);
    is.reportFails = { code: 'refused', refusal: 'invalid-input', detail: {}, retryAfterMs: null };
    await time.advance(10 * LOOK_AGAIN_MS);
    expect(till.untold(100)).toEqual([]);
    await end();
  });

  test('that met a burst of changes compare again once the till has caught up, and find what is left', async () => {
    const { begin, time, hq, till, is, kinds, walks, codes, end } = createChecksRig();
    till.remove('member', keyOf(1));
    hq.before = (question) => {
      if (question.t !== 'nodes') return;
      // So much changed while the till was summing that headquarters does not list it.
      is.failure = { code: 'refused', refusal: 'too-large' } as never;
      is.behind = WALK_BEHIND_MAX + 1;
      hq.before = () => {};
    };
    begin().opened(open);
    await time.advance(1_000);
    is.failure = null;
    await time.advance(3 * WALK_WAIT_MS);
    expect(kinds).toEqual(['roots', 'nodes', 'nodes']);
    is.behind = WALK_BEHIND_MAX;
    await time.advance(WALK_WAIT_MS);
    expect(walks()).toMatchObject([{ outcome: 'repaired', missing: 1, failure: null }]);
    expect(codes()).toEqual([]);
    await end();
  });

  test('of a former run that found large drift say so again', async () => {
    const before = createChecksRig();
    before.begin().opened(open);
    await before.time.advance(1_000);
    const [one] = before.till.records(1);
    const failure = 'drift-large';
    before.till.record({ ...(one as CheckRecord), outcome: 'stays', failure });
    await before.end();
    const after = createChecksRig(before.till);
    after.begin();
    expect(after.codes()).toEqual(['drift-large']);
    await after.end();
  });

  test('of a former run that left rows differing say so again', async () => {
    const before = createChecksRig();
    before.begin().opened(open);
    await before.time.advance(1_000);
    const [one] = before.till.records(1);
    before.till.record({ ...(one as CheckRecord), outcome: 'stays' });
    await before.end();
    const after = createChecksRig(before.till);
    const checks = after.begin();
    expect(after.codes()).toEqual(['drift-stays']);
    checks.opened(open);
    expect(await settle(after.time, checks.port.verify({ deep: false }))).toMatchObject({
      ok: true,
    });
    expect(after.codes()).toEqual([]);
    await after.end();
  });
});
