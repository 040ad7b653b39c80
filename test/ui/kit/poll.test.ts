import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Poll, type Sight, startPoll } from '../../../ui/kit/poll.ts';

const PACE = { everyMs: 1_000, slowestMs: 15_000 };

/** A page that can be hidden and shown. */
function createSight(): Sight & { show(state: DocumentVisibilityState): void } {
  const target = new EventTarget();
  let state: DocumentVisibilityState = 'visible';
  return {
    get visibilityState() {
      return state;
    },
    addEventListener: target.addEventListener.bind(target),
    removeEventListener: target.removeEventListener.bind(target),
    show(next) {
      state = next;
      target.dispatchEvent(new Event('visibilitychange'));
    },
  };
}

let sight: ReturnType<typeof createSight>;
let answered: boolean;
let asked: number;
let poll: Poll;

beforeEach(() => {
  vi.useFakeTimers();
  sight = createSight();
  answered = true;
  asked = 0;
  poll = startPoll(
    async () => {
      asked += 1;
      return answered;
    },
    PACE,
    sight,
  );
});
afterEach(() => {
  poll.end();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe('a page that follows something', () => {
  it('asks at once and then at its pace', async () => {
    expect(asked).toBe(1);
    await vi.advanceTimersByTimeAsync(3_000);
    expect(asked).toBe(4);
  });

  it('doubles its pause up to the slowest while there is no answer, and is quick again after one', async () => {
    await vi.advanceTimersByTimeAsync(0);
    answered = false;
    const pausesMs: number[] = [];
    let lastMs = Date.now();
    for (let before = asked; pausesMs.length < 7; await vi.advanceTimersByTimeAsync(500)) {
      if (asked === before) continue;
      before = asked;
      pausesMs.push(Date.now() - lastMs);
      lastMs = Date.now();
    }
    expect(pausesMs).toEqual([1_000, 2_000, 4_000, 8_000, 15_000, 15_000, 15_000]);
    answered = true;
    await vi.advanceTimersByTimeAsync(15_000);
    const before = asked;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(asked).toBe(before + 1);
  });

  it('asks nothing while nobody sees it, and at once when it is seen again', async () => {
    await vi.advanceTimersByTimeAsync(0);
    sight.show('hidden');
    await vi.advanceTimersByTimeAsync(60_000);
    expect(asked).toBe(1);
    sight.show('visible');
    expect(asked).toBe(2);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(asked).toBe(3);
  });

  it('does not go on by an answer that comes after it was hidden', async () => {
    poll.end();
    let questions = 0;
    const answer = Promise.withResolvers<boolean>();
    poll = startPoll(
      () => {
        questions += 1;
        return answer.promise;
      },
      PACE,
      sight,
    );
    sight.show('hidden');
    answer.resolve(true);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(questions).toBe(1);
  });

  it('has one loop only, however often it is told to look again', async () => {
    poll.again();
    poll.again();
    expect(asked).toBe(3);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(asked).toBe(4);
  });

  it('asks nothing after its end', async () => {
    poll.end();
    sight.show('visible');
    await vi.advanceTimersByTimeAsync(60_000);
    expect(asked).toBe(1);
  });
});

it('a mistake in reading an answer reaches the page’s error handler, and the loop goes on, slower', async () => {
  poll.end();
  const reported: unknown[] = [];
  vi.stubGlobal('reportError', (error: unknown) => reported.push(error));
  const mistake = new TypeError('of the screen');
  let questions = 0;
  poll = startPoll(
    async () => {
      questions += 1;
      throw mistake;
    },
    PACE,
    sight,
  );
  await vi.advanceTimersByTimeAsync(2_000 + 3_999);
  expect(questions).toBe(2);
  await vi.advanceTimersByTimeAsync(1);
  expect(questions).toBe(3);
  expect(reported).toEqual([mistake, mistake, mistake]);
});

describe('an answer that came by another way', () => {
  it('outdoes the question under way, and the next question waits its pause anew', async () => {
    poll.end();
    const counts: boolean[] = [];
    const waiting: (() => void)[] = [];
    poll = startPoll(
      async (isLatest) => {
        await new Promise<void>((resolve) => waiting.push(resolve));
        counts.push(isLatest());
        return true;
      },
      PACE,
      sight,
    );
    poll.settle();
    waiting[0]?.();
    await vi.advanceTimersByTimeAsync(900);
    expect(counts).toEqual([false]);
    poll.settle();
    await vi.advanceTimersByTimeAsync(900);
    expect(waiting).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(100);
    expect(waiting).toHaveLength(2);
  });

  it('starts nothing where nobody sees the page, nor after the end', async () => {
    await vi.advanceTimersByTimeAsync(0);
    sight.show('hidden');
    poll.settle();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(asked).toBe(1);
    poll.end();
    sight.show('visible');
    poll.settle();
    poll.again();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(asked).toBe(1);
  });
});

describe('an answer', () => {
  it('that a later question has overtaken does not count', async () => {
    poll.end();
    const counts: boolean[] = [];
    const waiting: (() => void)[] = [];
    poll = startPoll(
      async (isLatest) => {
        await new Promise<void>((resolve) => waiting.push(resolve));
        counts.push(isLatest());
        return true;
      },
      PACE,
      sight,
    );
    poll.again();
    for (const answer of waiting) answer();
    await vi.advanceTimersByTimeAsync(0);
    expect(counts).toEqual([false, true]);
  });
});
