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

test('a check that is asked for while one runs waits for the next: the one that runs began before the question', async () => {
  const { jobs, runs, woken, check, end } = open();
  const first = jobs.ask(false);
  const running = jobs.runNext(check);
  const later = jobs.ask(false);
  let told = false;
  void later.then(() => {
    told = true;
  });
  end();
  await running;
  expect(await first).toEqual(ok([]));
  expect([told, jobs.isWaiting(), woken()]).toEqual([false, true, 2]);
  const again = jobs.runNext(check);
  end();
  await again;
  expect(await later).toEqual(ok([]));
  expect(runs).toEqual([false, false]);
});

test('all who ask while nothing runs share one check, and it is deep where one of them asked for that', async () => {
  const { jobs, runs, check, end } = open();
  const asked = [jobs.ask(false), jobs.ask(true), jobs.ask(false)];
  const running = jobs.runNext(check);
  expect(jobs.isWaiting()).toBe(false);
  end();
  await running;
  expect(await Promise.all(asked)).toEqual([ok([]), ok([]), ok([])]);
  expect(runs).toEqual([true]);
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
