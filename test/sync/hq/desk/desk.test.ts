import { expect, test } from 'vitest';
import { entryExceptionSchema } from '../../../../agent/contract/ledger.ts';
import type { HqDatabase } from '../../../../sync/hq/database/database.ts';
import type { HqCaller } from '../../../../sync/hq/deps.ts';
import { createDeskHandlers } from '../../../../sync/hq/desk/create-desk-handlers.ts';
import { createHqMetrics } from '../../../../sync/hq/server/metrics.ts';
import { EXCEPTION_WORDS, exceptionWords } from '../../../../sync/protocol/exception-words.ts';
import {
  EXCEPTION_NOTE_MAX,
  EXCEPTION_STEPS_MAX,
  EXCEPTIONS_PAGE_MAX,
  exceptionCodeSchema,
} from '../../../../sync/protocol/exceptions.ts';
import { type HqCall, type HqReply, hqApi } from '../../../../sync/protocol/hq-api.ts';
import { describeOnEngines } from '../../../support/hq-database.ts';
import { NOON_MS, openBooks, saleFacts } from '../books/rig.ts';

const wang: HqCaller = { kind: 'admin', name: 'wang' };
const li: HqCaller = { kind: 'admin', name: 'li' };

type DeskCall = 'listExceptions' | 'showException' | 'settleException' | 'reopenException';

function openDesk(db: HqDatabase) {
  const rig = openBooks(db);
  const handlers = createDeskHandlers(rig.deps);
  /** As over the wire: the input is parsed, the reply too. */
  async function call<Call extends DeskCall>(name: Call, input: object, caller = wang) {
    const parsed = hqApi[name].input.parse(input);
    const handler = handlers[name] as (caller: HqCaller, input: unknown) => Promise<unknown>;
    const answer = (await handler(caller, parsed)) as
      | { ok: true; value: unknown }
      | { ok: false; error: { code: string; field?: string } };
    if (!answer.ok) return answer;
    return {
      ok: true as const,
      value: hqApi[name].reply.parse(answer.value) as HqReply<Call & HqCall>,
    };
  }
  async function value<Call extends DeskCall>(name: Call, input: object, caller?: HqCaller) {
    const answer = await call(name, input, caller);
    if (!answer.ok) throw new Error(JSON.stringify(answer.error));
    return answer.value;
  }
  return { rig, call, value };
}

/** One case as the intake makes it, and `count` further ones of another till. */
async function withCases(db: HqDatabase, count = 0) {
  const desk = openDesk(db);
  const till = desk.rig.till('till-1');
  till.entry({
    ...saleFacts(null, { saleId: 's1', spendMinor: 1_200 }),
    header: {
      saleId: 's1' as never,
      payableMinor: 1_200,
      exception: 'late-commit',
      pointsEarned: 0,
      pointsSpent: 0,
    },
  });
  await till.send();
  await db.query(
    `INSERT INTO exceptions (at_ms, code, till_id, detail)
     SELECT $1, 'coupon-used-twice', 'till-9', '{"coupon":1}' FROM generate_series(1, $2::integer)`,
    [NOON_MS, count],
  );
  return desk;
}

describeOnEngines('the desk for cases', (hq) => {
  test('an entry whose fact is not right is booked, and stands at the desk with what was booked', async () => {
    const { value } = await withCases(await hq.fresh());
    const { cases, open, next } = await value('listExceptions', {});
    expect(open).toEqual({ 'late-commit': 1 });
    expect(next).toBeNull();
    expect(cases).toMatchObject([
      {
        code: 'late-commit',
        state: 'open',
        storeId: 'store-1',
        tillId: 'till-1',
        seq: 1,
        entry: { kind: 'sale', saleId: 's1', payableMinor: 1_200, currency: 'CNY' },
        steps: [],
      },
    ]);
    expect(await value('showException', { id: cases[0]?.id })).toEqual({ case: cases[0] });
  });

  test('is listed by state, code, store and till, in pages that leave nothing out', async () => {
    const db = await hq.fresh();
    const { rig, call, value } = await withCases(db, EXCEPTIONS_PAGE_MAX + 2);
    const list = (input: object) => value('listExceptions', input);
    expect((await list({ code: 'late-commit' })).cases).toHaveLength(1);
    expect((await list({ storeId: 'store-1' })).cases).toHaveLength(1);
    expect((await list({ tillId: 'till-9', limit: '3' })).cases).toHaveLength(3);
    expect((await list({ state: 'settled' })).cases).toEqual([]);
    const seen = new Set<number>();
    let pages = 0;
    for (let after: number | null | undefined; after !== null; pages++) {
      const page = await list({ limit: EXCEPTIONS_PAGE_MAX, ...(after ? { after } : {}) });
      for (const { id } of page.cases) seen.add(id);
      after = page.next;
    }
    expect([seen.size, pages]).toEqual([EXCEPTIONS_PAGE_MAX + 3, 2]);
    const { input } = hqApi.listExceptions;
    expect(input.safeParse({ limit: EXCEPTIONS_PAGE_MAX + 1 }).success).toBe(false);
    expect(await call('listExceptions', { code: 'a\0' })).toMatchObject({
      error: { code: 'invalid-input', field: 'code' },
    });
    expect(rig.logged).toEqual([]);
  });

  test('is settled with what was done, by whom and why; the same press again changes nothing', async () => {
    const { rig, value } = await withCases(await hq.fresh());
    const [{ id } = { id: 0 }] = (await value('listExceptions', {})).cases;
    rig.clockMs += 5_000;
    const first = await value('settleException', {
      id,
      done: 'no-fault',
      note: ' Cash was there ',
    });
    expect(first).toMatchObject({
      changed: true,
      case: {
        state: 'settled',
        steps: [{ step: 'settled', by: 'wang', done: 'no-fault', note: 'Cash was there' }],
      },
    });
    rig.clockMs += 5_000;
    const again = await value('settleException', { id, done: 'written-off', note: 'other' }, li);
    expect(again).toEqual({ changed: false, case: first.case });
    expect((await value('listExceptions', {})).open).toEqual({});
  });

  test('two people at once settle it once', async () => {
    const { value } = await withCases(await hq.fresh());
    const [{ id } = { id: 0 }] = (await value('listExceptions', {})).cases;
    const both = await Promise.all(
      [wang, li].map((who) => value('settleException', { id, done: 'no-fault', note: 'x' }, who)),
    );
    expect(both.filter(({ changed }) => changed)).toHaveLength(1);
    expect(both[0]?.case.steps).toHaveLength(1);
  });

  test('is opened again by a further step of its history: what was done before stays on record', async () => {
    const { value } = await withCases(await hq.fresh());
    const [{ id } = { id: 0 }] = (await value('listExceptions', {})).cases;
    await value('settleException', { id, done: 'no-fault', note: 'first' });
    const open = await value('reopenException', { id, note: 'the money is not there' }, li);
    expect(open).toMatchObject({
      changed: true,
      case: {
        state: 'open',
        steps: [
          { step: 'reopened', by: 'li', note: 'the money is not there' },
          { step: 'settled', by: 'wang', note: 'first' },
        ],
      },
    });
    expect((await value('reopenException', { id, note: 'again' })).changed).toBe(false);
    for (let n = 0; n < EXCEPTION_STEPS_MAX; n++) {
      await value('settleException', { id, done: 'corrected', note: `${n}` });
      await value('reopenException', { id, note: `${n}` });
    }
    const { steps } = (await value('showException', { id })).case;
    expect(steps).toHaveLength(EXCEPTION_STEPS_MAX);
    expect(steps[0]).toMatchObject({ step: 'reopened', note: `${EXCEPTION_STEPS_MAX - 1}` });
  });

  test('nobody settles without a reason, or a case that is not there', async () => {
    const { call } = await withCases(await hq.fresh());
    const { input } = hqApi.settleException;
    for (const note of ['', '   ', 'x'.repeat(EXCEPTION_NOTE_MAX + 1)])
      expect(input.safeParse({ id: 1, done: 'no-fault', note }).success).toBe(false);
    expect(
      input.safeParse({ id: 1, done: 'no-fault', note: 'x'.repeat(EXCEPTION_NOTE_MAX) }).success,
    ).toBe(true);
    expect(
      await call('settleException', { id: 1, done: 'no-fault', note: 'a\ud800' }),
    ).toMatchObject({ error: { code: 'invalid-input', field: 'note' } });
    for (const name of ['settleException', 'reopenException'] as const)
      expect(
        await call(name, {
          id: 99,
          note: 'x',
          ...(name === 'settleException' ? { done: 'no-fault' } : {}),
        }),
      ).toMatchObject({ error: { code: 'case-unknown' } });
    expect(await call('showException', { id: 99 })).toMatchObject({
      error: { code: 'case-unknown' },
    });
  });

  test('the database itself lets no case change silently, and no step of a history go', async () => {
    const db = await hq.fresh();
    const { value } = await withCases(db);
    const [{ id } = { id: 0 }] = (await value('listExceptions', {})).cases;
    const run = (sql: string) =>
      db.query(sql).then(
        () => 'done',
        (error) => error.code,
      );
    expect(await run("UPDATE exceptions SET state = 'settled'")).toBe('P0001');
    expect(await run("UPDATE exceptions SET code = 'other'")).toBe('P0001');
    expect(await run('DELETE FROM exceptions')).toBe('P0001');
    await value('settleException', { id, done: 'no-fault', note: 'x' });
    expect(await run("UPDATE exceptions SET state = 'open'")).toBe('P0001');
    expect(await run('DELETE FROM exception_steps')).toBe('P0001');
    expect(await run("UPDATE exception_steps SET note = 'y'")).toBe('P0001');
  });
});

test('every kind of case has its words in both languages, also those that the till notes', () => {
  for (const code of [...exceptionCodeSchema.options, ...entryExceptionSchema.options])
    for (const said of Object.values(EXCEPTION_WORDS[code]))
      expect([said['zh-CN'], said.en].every((one) => one.length > 5)).toBe(true);
  expect(exceptionWords('from-tomorrow').what.en).toContain('does not know');
  expect(exceptionWords('constructor')).toBe(exceptionWords('from-tomorrow'));
});

test('open cases are counted by code for Prometheus, and a code without any is gone', async () => {
  const metrics = createHqMetrics();
  metrics.setExceptions({ 'late-commit': 2, 'clock-ahead': 1 });
  metrics.setExceptions({ 'late-commit': 3 });
  const { body } = await metrics.text();
  expect(body).toContain('tillside_hq_exceptions_open{code="late-commit"} 3');
  expect(body).not.toContain('clock-ahead');
});
