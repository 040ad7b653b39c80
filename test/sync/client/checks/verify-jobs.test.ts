import { expect, test } from 'vitest';
import { ok } from '../../../../agent/contract/result.ts';
import { createVerifyJobs, type Verified } from '../../../../sync/client/checks/verify-jobs.ts';

/** Jobs whose checks end when they are told to. */
function open() {
  let woken = 0;
  const jobs = createVerifyJobs(() => {
    woken += 1;
  });
  const ends: ((verified: Verified) => void)[] = [];
  const runs: boolean[] = [];
  const check = (deep: boolean) => {
    runs.push(deep);
    return new Promise<Verified>((resolve) => ends.push(resolve));
  };
  return { jobs, runs, woken: () => woken, check, end: () => ends.shift()?.(ok([])) };
}

test('a check that is asked for while one runs that does as much joins it', async () => {
  const { jobs, runs, woken, check, end } = open();
  const due = jobs.runDue(() => check(false));
  const joined = jobs.ask(false);
  expect([woken(), jobs.isWaiting()]).toEqual([0, false]);
  end();
  expect(await joined).toEqual(ok([]));
  await due;
  const deep = jobs.ask(true);
  const running = jobs.runNext(check);
  const [whole, walk] = [jobs.ask(true), jobs.ask(false)];
  end();
  await running;
  expect(await Promise.all([deep, whole, walk])).toEqual([ok([]), ok([]), ok([])]);
  expect(runs).toEqual([false, true]);
});

test('a deep check that is asked for while a walk runs waits for its own, and who waits already has it deep too', async () => {
  const { jobs, runs, woken, check, end } = open();
  const due = jobs.runDue(() => check(false));
  const deep = jobs.ask(true);
  expect([woken(), jobs.isWaiting()]).toEqual([1, true]);
  end();
  await due;
  const walk = jobs.ask(false);
  const running = jobs.runNext(check);
  expect(jobs.isWaiting()).toBe(false);
  end();
  await running;
  expect(await Promise.all([deep, walk])).toEqual([ok([]), ok([])]);
  expect(runs).toEqual([false, true]);
});

test('whoever asked is told also where the check breaks, and where the program ends first', async () => {
  const { jobs } = open();
  const asked = jobs.ask(false);
  await expect(jobs.runNext(() => Promise.reject(new Error('made up')))).rejects.toThrow('made up');
  expect(await asked).toMatchObject({ error: { code: 'failed' } });
  const waiting = jobs.ask(true);
  jobs.cancel();
  expect(await waiting).toMatchObject({ error: { code: 'failed', detail: 'cancelled' } });
  expect(jobs.isWaiting()).toBe(false);
});
