import { describe, expect, test } from 'vitest';
import {
  createEventBus,
  EVENT_READER_BUFFER_MAX,
  EVENT_READERS_MAX,
  EVENT_REPLAY_PAGE,
} from '../../../agent/app/event-bus.ts';
import type { Caller } from '../../../agent/app/till.ts';
import type { EventBody } from '../../../agent/contract/index.ts';
import { openTestStore, TEST_NOW_MS } from '../../support/store.ts';
import { failed, listen, MANAGER, openTill, PIN, POS, SCREEN, value } from './rig.ts';

const BODY: EventBody = { kind: 'till', what: 'rules-installed' };
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('the event stream', () => {
  test('begins with a till that started and goes on live, numbered without a gap', async () => {
    const rig = openTill();
    const live = listen(rig.till, 0);
    await settled();
    value(await rig.till.identify(POS, { text: 'CARD-anna' }));
    value(await rig.till.identify(POS, { text: 'CARD-bo' }));
    await settled();
    expect(live.seen.map(({ event }) => event.seq)).toEqual([1, 2, 3, 4]);
    expect(live.seen[0]?.event.body).toEqual({ kind: 'till', what: 'started' });
  });

  test('without a place to resume from it begins with what happens next', async () => {
    const rig = openTill();
    const live = listen(rig.till);
    await settled();
    expect(live.seen).toEqual([]);
    value(await rig.till.identify(POS, { text: 'CARD-anna' }));
    await settled();
    expect(live.seen).toHaveLength(1);
  });

  test('a reader that resumes in the middle of traffic misses nothing and sees nothing twice', async () => {
    const { store } = openTestStore();
    const bus = createEventBus(store.events);
    const append = (): void => bus.publish([{ event: store.events.append(TEST_NOW_MS, BODY) }]);
    for (let n = 0; n < EVENT_REPLAY_PAGE * 2 + 3; n += 1) store.events.append(TEST_NOW_MS, BODY);
    const seen: number[] = [];
    const abort = new AbortController();
    const stream = value(bus.read(7, abort.signal));
    const last = EVENT_REPLAY_PAGE * 2 + 3 + 20;
    let appended = 0;
    for await (const { event } of stream) {
      seen.push(event.seq);
      // Traffic goes on while the reader catches up and after it has.
      if (seen.length % 50 === 1 && appended < 20) {
        append();
        appended += 1;
      }
      while (event.seq >= EVENT_REPLAY_PAGE * 2 + 3 && appended < 20) {
        append();
        appended += 1;
      }
      if (event.seq === last) break;
    }
    expect(seen).toEqual(Array.from({ length: last - 7 }, (_, index) => index + 8));
  });

  test('pruned events answer that they are gone, and where to begin', async () => {
    const rig = openTill();
    for (let n = 0; n < 10; n += 1) rig.store.events.append(TEST_NOW_MS, BODY);
    rig.store.events.pruneTo(5);
    const signal = new AbortController().signal;
    const head = rig.store.events.head();
    expect(failed(rig.till.events(head - 6, signal))).toMatchObject({
      code: 'events-gone',
      field: 'after',
      data: { oldest: head - 4, head },
    });
    expect(rig.till.events(head - 5, signal).ok).toBe(true);
    expect(failed(rig.till.events(head + 1, signal)).code).toBe('events-gone');
  });

  test('a reader slower than its buffer is ended and resumes from the database', async () => {
    const { store } = openTestStore();
    const bus = createEventBus(store.events);
    const publish = (): void =>
      bus.publish([
        { event: { seq: store.events.append(TEST_NOW_MS, BODY).seq, at: '', body: BODY } },
      ]);
    const reader = value(bus.read(0, new AbortController().signal))[Symbol.asyncIterator]();
    const first = reader.next();
    await settled();
    publish();
    expect((await first).value).toMatchObject({ event: { seq: 1 } });
    // The reader is busy with the first event; its buffer takes so many and no more.
    store.transaction(() => {
      for (let n = 0; n < EVENT_READER_BUFFER_MAX; n += 1) publish();
    });
    expect((await reader.next()).value).toMatchObject({ event: { seq: 2 } });
    store.transaction(() => {
      publish();
      publish();
    });
    expect((await reader.next()).done).toBe(true);
    const resumed = value(bus.read(2, new AbortController().signal))[Symbol.asyncIterator]();
    expect((await resumed.next()).value).toMatchObject({ event: { seq: 3 } });
    bus.close();
  });

  test('an abort ends the reading and frees its place', async () => {
    const { store } = openTestStore();
    const bus = createEventBus(store.events);
    const aborts = Array.from({ length: EVENT_READERS_MAX }, () => new AbortController());
    const streams = aborts.map((abort) => value(bus.read(undefined, abort.signal)));
    expect(failed(bus.read(undefined, new AbortController().signal)).code).toBe('busy');
    const waiting = streams[0]?.[Symbol.asyncIterator]().next();
    aborts[0]?.abort();
    expect((await waiting)?.done).toBe(true);
    // A reader that never began to read gives its place back too.
    aborts[1]?.abort();
    const places = [0, 1, 2].map(() => bus.read(undefined, new AbortController().signal).ok);
    expect(places).toEqual([true, true, false]);
    bus.close();
  });

  test('closing the till ends every reader', async () => {
    const rig = openTill();
    const live = listen(rig.till);
    await settled();
    rig.till.close();
    await live.ended;
  });

  test("revoking a program ends its readers at once and nobody else's", async () => {
    const rig = openTill();
    const { code } = value(await rig.till.openPairing(MANAGER, PIN));
    const paired = value(await rig.till.pair({ code, name: 'old POS', scopes: ['identify'] }));
    const caller: Caller = { kind: 'client', clientId: paired.clientId, scopes: paired.scopes };
    const revoked = listen(rig.till, undefined, caller);
    const others = [listen(rig.till, undefined, POS), listen(rig.till, undefined, SCREEN)];
    await settled();
    value(await rig.till.revokeClient(paired.clientId));
    await revoked.ended;
    expect(revoked.seen).toEqual([]);
    value(await rig.till.identify(POS, { text: 'CARD-anna' }));
    await settled();
    expect(others.map(({ seen }) => seen.length)).toEqual([1, 1]);
  });

  test('a reader whose signal was aborted before reads nothing', async () => {
    const rig = openTill();
    const stream = value(rig.till.events(0, AbortSignal.abort()));
    expect((await stream[Symbol.asyncIterator]().next()).done).toBe(true);
  });
});
