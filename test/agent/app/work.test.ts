import { describe, expect, test } from 'vitest';
import { createEventBus } from '../../../agent/app/event-bus.ts';
import { createWriter, LATER_MAX, LATER_MS } from '../../../agent/app/work.ts';
import type { BasketId, EvaluationId } from '../../../agent/contract/index.ts';
import { openTestStore } from '../../support/store.ts';
import { manualTime, value } from './rig.ts';

function writerOn() {
  const { store } = openTestStore();
  const time = manualTime();
  const bus = createEventBus(store.events);
  const writer = createWriter({ store, bus, nowMs: time.now, timers: time, log: () => {} });
  const note = (n: number, key = `b${n}`): void =>
    writer.later(key, (emit) =>
      emit({
        kind: 'basket',
        basketId: key as BasketId,
        evaluationId: `e${n}` as EvaluationId,
        state: 'EVALUATED',
      }),
    );
  const seen = (): string[] =>
    store.events
      .after(0, 1_000)
      .map(({ body }) => (body.kind === 'basket' ? body.evaluationId : body.kind));
  return { store, time, writer, note, seen };
}

describe('what nobody waits for', () => {
  test('is written within its time, in order', () => {
    const { time, note, seen } = writerOn();
    note(1);
    note(2);
    time.pass(LATER_MS - 1);
    expect(seen()).toEqual([]);
    time.pass(1);
    expect(seen()).toEqual(['e1', 'e2']);
  });

  test('is written before what comes after it', () => {
    const { writer, note, seen } = writerOn();
    note(1);
    value(writer.work((emit) => emit({ kind: 'till', what: 'started' })));
    expect(seen()).toEqual(['e1', 'till']);
  });

  test('is replaced by what is newer under the same key', () => {
    const { writer, note, seen } = writerOn();
    note(1, 'b');
    note(2, 'c');
    note(3, 'b');
    writer.settle();
    expect(seen()).toEqual(['e2', 'e3']);
  });

  test('does not pile up: one more than the limit writes them all', () => {
    const { note, seen } = writerOn();
    for (let n = 0; n < LATER_MAX; n += 1) note(n);
    expect(seen()).toEqual([]);
    note(LATER_MAX);
    expect(seen()).toHaveLength(LATER_MAX + 1);
  });

  test('costs no write when there is nothing', () => {
    const { store, writer } = writerOn();
    writer.settle();
    expect(store.events.head()).toBe(0);
  });
});

test('an event of work that failed is seen by nobody', () => {
  const { writer, seen } = writerOn();
  expect(() =>
    writer.work((emit) => {
      emit({ kind: 'till', what: 'started' });
      throw new Error('broken invariant: planted');
    }),
  ).toThrow('planted');
  expect(seen()).toEqual([]);
});
