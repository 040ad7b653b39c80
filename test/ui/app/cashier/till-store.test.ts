import { ORPCError } from '@orpc/client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ERRORS } from '../../../../agent/contract/errors.ts';
import type {
  EvaluateReply,
  Identification,
  MemberGlance,
  TillEvent,
} from '../../../../agent/contract/index.ts';
import { openTillStore, type TillStore } from '../../../../ui/app/cashier/till-store.ts';
import { memberOnShow, nearMissesOnShow } from '../../../../ui/app/cashier/till-view.ts';
import type { TillLink } from '../../../../ui/app/link.ts';

const glance = (points: number, tier = 'gold'): MemberGlance =>
  ({ memberId: 'anna', points, tier }) as unknown as MemberGlance;

/** A till whose member has the points that the test says. */
function fakeTill() {
  const now = {
    points: 100,
    tier: 'gold',
    locked: false,
    basket: true,
    state: 'EVALUATED',
    evaluation: 'e1',
    ended: false,
  };
  const asked: string[] = [];
  let send: (event: TillEvent) => void = () => undefined;
  const identification = (): Identification =>
    ({
      identificationId: 'i1',
      outcome: 'identified',
      member: glance(now.points, now.tier),
      ...(now.basket ? { basketId: 'b1' } : {}),
    }) as unknown as Identification;
  const note =
    <T>(name: string, answer: () => T) =>
    async (): Promise<T> => {
      asked.push(name);
      return answer();
    };
  const client = {
    pos: {
      status: async () => ({ head: { eventSeq: 0 }, currency: 'CNY' }),
      identifications: { get: note('identification', identification) },
      articles: { search: async () => ({ articles: [] }) },
      evaluations: {
        why: async ({ id }: { id: string }) => {
          asked.push(`why ${id}`);
          const { message, hint } = ERRORS['evaluation-expired'];
          if (now.ended)
            throw new ORPCError('GONE', { data: { code: 'evaluation-expired', message, hint } });
          return { nearMisses: [{ ruleId: `near-${id}` }] };
        },
      },
    },
    screen: {
      staff: { session: async () => ({ staff: { staffId: 'c1' }, locked: now.locked }) },
      devices: { list: async () => ({ devices: [] }) },
      baskets: {
        listOpen: async () => ({
          baskets: now.basket ? [{ basketId: 'b1', current: true }] : [],
        }),
        show: note(
          'basket',
          () =>
            ({
              basketId: 'b1',
              evaluationId: now.evaluation,
              state: now.state,
              identificationId: 'i1',
              member: glance(now.points, now.tier),
              decisions: [],
              evaluation: { lines: [], gifts: [], outcomes: [] },
            }) as unknown as EvaluateReply,
        ),
      },
      identifications: {
        pending: async () => ({ identification: now.basket ? null : identification() }),
      },
    },
  };
  const link = {
    client,
    state: () => ({ phase: 'open', since: 0, failures: 0 }),
    subscribe: () => () => undefined,
    follow({ onEvent }: { onEvent: (event: TillEvent) => void }) {
      send = onEvent;
      return () => undefined;
    },
    close: () => undefined,
  } as unknown as TillLink;
  return {
    link,
    now,
    asked,
    event: (body: TillEvent['body']) => send({ seq: 1, at: '2026-11-21T06:30:00.000Z', body }),
  };
}

const change = (memberId: string, more: object = {}): TillEvent['body'] =>
  ({ kind: 'member', memberId, changed: ['points'], ...more }) as TillEvent['body'];

let till: ReturnType<typeof fakeTill>;
let store: TillStore;

async function open(prepare: (now: ReturnType<typeof fakeTill>['now']) => void = () => undefined) {
  till = fakeTill();
  prepare(till.now);
  store = openTillStore(till.link);
  await vi.advanceTimersByTimeAsync(0);
  till.asked.length = 0;
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  store.close();
  vi.useRealTimers();
});

describe('a code that a scanner lost on its way', () => {
  const device = (more: object): TillEvent['body'] =>
    ({
      kind: 'device',
      deviceId: 's1',
      state: 'ready',
      hint: { 'zh-CN': '', en: '' },
      ...more,
    }) as TillEvent['body'];

  it('is said where the last scan is, until the next scan; other news of a device say nothing there', async () => {
    await open();
    till.event(device({}));
    till.event(device({ check: 'passed' }));
    expect(store.get().scanned).toBeNull();
    till.event(device({ lost: { why: 'interrupted', codes: 1 } }));
    expect(store.get().scanned).toBe('lost');
    till.event(device({}));
    expect(store.get().scanned).toBe('lost');
    till.event({ kind: 'sighting', deviceId: 's1', codeClass: 'article' } as TillEvent['body']);
    expect(store.get().scanned).toBe('article');
  });
});

describe('a member whom headquarters changes while they are on show', () => {
  it('is shown with the points and the tier of this moment, without a touch', async () => {
    await open();
    expect(memberOnShow(store.get())?.points).toBe(100);
    Object.assign(till.now, { points: 777, tier: 'diamond' });
    till.event(change('anna', { basketId: 'b1' }));
    await vi.advanceTimersByTimeAsync(0);
    expect(memberOnShow(store.get())).toMatchObject({ points: 777, tier: 'diamond' });
  });

  it('is read again, too, while no basket has taken them', async () => {
    await open((now) => {
      now.basket = false;
    });
    till.now.points = 777;
    till.event(change('anna'));
    await vi.advanceTimersByTimeAsync(0);
    expect(memberOnShow(store.get())?.points).toBe(777);
  });

  it('somebody else who changes costs no question', async () => {
    await open();
    till.event(change('bo'));
    await vi.advanceTimersByTimeAsync(0);
    expect(till.asked).toEqual([]);
  });

  it('a locked screen asks nothing', async () => {
    await open((now) => {
      now.locked = true;
    });
    till.event(change('anna', { basketId: 'b1' }));
    await vi.advanceTimersByTimeAsync(0);
    expect(till.asked).toEqual([]);
  });
});

describe('what a basket nearly gets', () => {
  const changed = (): TillEvent['body'] =>
    ({
      kind: 'basket',
      basketId: 'b1',
      evaluationId: 'e1',
      state: 'EVALUATED',
    }) as TillEvent['body'];
  const near = (): string[] => nearMissesOnShow(store.get()).map(({ ruleId }) => ruleId);

  it('is asked of the till once for each evaluation', async () => {
    await open();
    expect(near()).toEqual(['near-e1']);
    till.now.state = 'HELD';
    till.event(changed());
    await vi.advanceTimersByTimeAsync(0);
    expect([near(), till.asked.filter((name) => name.startsWith('why'))]).toEqual([
      ['near-e1'],
      [],
    ]);
    Object.assign(till.now, { state: 'EVALUATED', evaluation: 'e2' });
    till.event(changed());
    await vi.advanceTimersByTimeAsync(0);
    expect([near(), till.asked.filter((name) => name.startsWith('why'))]).toEqual([
      ['near-e2'],
      ['why e2'],
    ]);
  });

  it('is nothing once the sale is paid', async () => {
    await open();
    till.now.state = 'COMMITTED';
    till.event(changed());
    await vi.advanceTimersByTimeAsync(0);
    expect([near(), till.asked.filter((name) => name.startsWith('why'))]).toEqual([[], []]);
  });

  it('is nothing, and no trouble either, where the evaluation ended meanwhile', async () => {
    await open();
    const troubles: unknown[] = [];
    store.subscribe(() => {
      const { problem } = store.get();
      if (problem !== null) troubles.push(problem.code);
    });
    Object.assign(till.now, { ended: true, evaluation: 'e2' });
    till.event(changed());
    await vi.advanceTimersByTimeAsync(0);
    expect([near(), troubles]).toEqual([[], []]);
  });
});
