import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ERRORS } from '../../../../agent/contract/errors.ts';
import type {
  Article,
  EvaluateReply,
  EvaluateRequest,
  ExchangeRequest,
  Identification,
  ReturnRequest,
  TillEvent,
} from '../../../../agent/contract/index.ts';
import { ApiError } from '../../../../ui/app/kit/problem.ts';
import { EVALUATE_PAUSE_MS } from '../../../../ui/app/register/evaluator.ts';
import type { PosApi } from '../../../../ui/app/register/pos-api.ts';
import type { Register } from '../../../../ui/app/register/register.ts';
import { openRegister, PARKED_MAX } from '../../../../ui/app/register/register-store.ts';

const apple: Article = {
  sku: 'apple',
  gtin: '6901234567892',
  name: { 'zh-CN': '苹果', en: 'Apple' },
  category: 'fruit',
  priceMinor: 500,
  attributes: [],
};

/** A POS API in memory: answers are given by hand, events are sent by hand. */
function fakeApi() {
  const asked: EvaluateRequest[] = [];
  const answers: ((reply: EvaluateReply) => void)[] = [];
  const keys: string[] = [];
  const exchanges: ExchangeRequest[] = [];
  let send: ((event: TillEvent) => void) | undefined;
  let seq = 0;
  const api = {
    status: async () => ({ currency: 'CNY', head: { seq: 0, eventSeq: 0 } }),
    articles: async (query: string) =>
      query.padStart(14, '0') === `0${apple.gtin}` ? [apple] : [],
    identify: async (): Promise<object> => ({ outcome: 'unknown' }),
    evaluate: (request: EvaluateRequest) => {
      asked.push(request);
      return new Promise<EvaluateReply>((resolve) => answers.push(resolve));
    },
    hold: async () => ({
      evaluationId: 'ev',
      payableMinor: 500,
      deadline: '2026-11-21T06:30:00.000Z',
    }),
    commit: async (_id: string, key: string) => {
      keys.push(key);
      return { saleId: 's', receipt: { lines: [] } };
    },
    void: async () => ({}),
    returnGoods: async () => ({ payableMinor: -500 }),
    exchange: async (key: string, request: ExchangeRequest) => {
      keys.push(key);
      exchanges.push(request);
      return { return: {}, sale: { saleId: 's', receipt: { lines: [] } }, netMinor: -300 };
    },
    async *events(_after: number, signal: AbortSignal) {
      const queue: TillEvent[] = [];
      let wake = (): void => undefined;
      send = (event) => {
        queue.push(event);
        wake();
      };
      while (!signal.aborted) {
        for (let event = queue.shift(); event !== undefined; event = queue.shift()) yield event;
        await new Promise<void>((resolve) => {
          wake = resolve;
          signal.addEventListener('abort', () => resolve(), { once: true });
        });
      }
    },
  };
  return {
    api: api as unknown as PosApi,
    asked,
    answers,
    keys,
    exchanges,
    raw: api,
    event: (body: TillEvent['body']) => {
      seq += 1;
      send?.({ seq, at: '2026-11-21T06:30:00.000Z', body });
    },
  };
}

const reply = (payableMinor: number): EvaluateReply =>
  ({
    evaluationId: 'ev',
    basketHash: 'h',
    evaluation: { payableMinor, lines: [] },
  }) as unknown as EvaluateReply;
const named = (id: string, rest: object = {}): TillEvent['body'] => ({
  kind: 'identification',
  identification: {
    identificationId: id,
    outcome: 'identified',
    ...rest,
  } as unknown as Identification,
});

let fake: ReturnType<typeof fakeApi>;
let register: Register;
let ids = 0;
let nowMs = 0;

beforeEach(async () => {
  vi.useFakeTimers();
  fake = fakeApi();
  register = openRegister(fake.api, {
    now: () => nowMs,
    newId: () => {
      ids += 1;
      return `id-${ids}`;
    },
    preferences: { getItem: () => null, setItem: () => undefined },
  });
  await settle();
});
afterEach(() => {
  register.close();
  vi.useRealTimers();
});

async function settle(): Promise<void> {
  await vi.advanceTimersByTimeAsync(EVALUATE_PAUSE_MS);
}
async function evaluated(): Promise<void> {
  await settle();
  fake.answers.at(-1)?.(reply(500));
  await settle();
}

describe('the demo register', () => {
  it('quick changes cost one evaluation, and only the latest answer counts', async () => {
    register.ring(apple);
    register.ring(apple);
    await settle();
    expect(fake.asked.map(({ lines }) => lines[0]?.qty)).toEqual([2]);
    register.ring(apple);
    await settle();
    fake.answers[1]?.(reply(1_500));
    await settle();
    fake.answers[0]?.(reply(1_000));
    await settle();
    expect(register.get().reply?.evaluation.payableMinor).toBe(1_500);
  });

  it('does not take payment for figures that are out of date', async () => {
    register.ring(apple);
    await evaluated();
    register.ring(apple);
    await register.pay();
    expect(register.get().payment).toBeNull();
  });

  it('rings up an article by the GTIN that the till’s scanner read', async () => {
    fake.event({
      kind: 'sighting',
      deviceId: 'd' as never,
      codeClass: 'article',
      text: '6901234567892',
      redacted: false,
    });
    await settle();
    expect(register.get().ticket.lines.map(({ article }) => article.sku)).toEqual(['apple']);
  });

  describe('rings up what the code of an article says', () => {
    const read = async (more: Partial<Extract<TillEvent['body'], { kind: 'sighting' }>>) => {
      fake.event({
        kind: 'sighting',
        deviceId: 'd' as never,
        codeClass: 'article',
        redacted: false,
        ...more,
      });
      await settle();
    };
    const lines = () =>
      fake.asked.at(-1)?.lines.map(({ qty, unitPriceMinor }) => [qty, unitPriceMinor]);
    const gtin = '06901234567892';

    it('of a GS1 code, whose text is no number that an article has', async () => {
      await read({ aim: ']C1', text: `01${gtin}17261231`, article: { gtin } });
      expect(lines()).toEqual([[1, 500]]);
    });

    it('at the price of its label, each piece on a line of its own', async () => {
      await read({ text: 'a', article: { gtin, netGrams: 734, priceMinor: 367 } });
      await read({ text: 'b', article: { gtin, netGrams: 810, priceMinor: 405 } });
      await read({ text: gtin, article: { gtin } });
      expect(lines()).toEqual([
        [1, 367],
        [1, 405],
        [1, 500],
      ]);
    });

    it('that its own scanner read, identifier and all', async () => {
      fake.raw.identify = async () => ({
        outcome: 'not-a-member-code',
        codeClass: 'article',
        article: { gtin, priceMinor: 367 },
      });
      await register.scanned(`]C101${gtin}3922367`);
      await settle();
      expect(lines()).toEqual([[1, 367]]);
    });
  });

  it.each([
    ['a coupon without its identifier', ']C0', 'CP-SPRING10', 'CP-SPRING10'],
    ['a GS1 coupon number without it', ']C1', '2559501101530003', '2559501101530003'],
    ['a longer GS1 coupon with it, which tells where its number ends', ']C1', '255X', ']C1255X'],
  ])('puts %s into the basket, whoever read it', async (_, aim, text, code) => {
    register.ring(apple);
    fake.event({
      kind: 'sighting',
      deviceId: 'd' as never,
      codeClass: 'coupon',
      aim,
      text,
      redacted: false,
    });
    fake.raw.identify = async () => ({ outcome: 'not-a-member-code', codeClass: 'coupon' });
    await register.scanned(`${aim}${text}`);
    await settle();
    expect(register.get().ticket.codes).toEqual([code]);
  });

  it('shows four digits of a payment code and keeps no more', async () => {
    fake.event({
      kind: 'sighting',
      deviceId: 'd' as never,
      codeClass: 'payment',
      text: '134650813205778816',
      redacted: true,
    });
    await settle();
    expect(register.get().note).toEqual({ kind: 'payment', last4: '8816' });
    expect(JSON.stringify(register.get())).not.toContain('134650813205778816');
  });

  it('somebody identified during a payment belongs to the next sale', async () => {
    register.ring(apple);
    await evaluated();
    await register.pay();
    fake.event(named('next-shopper'));
    await settle();
    expect(register.get().ticket.identificationId).toBeUndefined();
    await register.commit('cash');
    register.next();
    expect(register.get().ticket.identificationId).toBe('next-shopper');
  });

  it('an identification that another basket has is left alone, and a cleared one is dropped', async () => {
    register.ring(apple);
    fake.event(named('theirs', { basketId: 'other' }));
    await settle();
    expect(register.get().ticket.identificationId).toBeUndefined();
    fake.event(named('ours'));
    await settle();
    expect(register.get().ticket.identificationId).toBe('ours');
    fake.event(named('ours', { outcome: 'timed-out' }));
    await settle();
    expect(register.get().ticket.identificationId).toBeUndefined();
  });

  it('a commit that is tried again carries the same key', async () => {
    register.ring(apple);
    await evaluated();
    await register.pay();
    fake.raw.commit = async (_id, key) => {
      fake.keys.push(key);
      if (fake.keys.length === 1) throw new Error('the answer was lost');
      return { saleId: 's', receipt: { lines: [] } };
    };
    await expect(register.commit('cash')).rejects.toThrow('lost');
    expect(register.get().payment).not.toBeNull();
    await register.commit('cash');
    expect(fake.keys[0]).toBe(fake.keys[1]);
    expect(register.get().receipt).not.toBeNull();
  });

  it('parking begins another basket, resuming swaps, and a full list parks no more', async () => {
    register.ring(apple);
    const first = register.get().ticket.basketId;
    register.park();
    expect(register.get().ticket.basketId).not.toBe(first);
    register.ring(apple);
    register.resume(first);
    expect(register.get().ticket.basketId).toBe(first);
    expect(register.get().parked.length).toBe(1);
    for (let sale = 0; sale < PARKED_MAX + 2; sale += 1) {
      register.ring(apple);
      register.park();
    }
    expect(register.get().parked.length).toBe(PARKED_MAX);
    expect(register.get().ticket.lines.length).toBe(1);
  });

  it('a token that the till no longer takes asks for pairing', async () => {
    const { message, hint } = ERRORS.unauthenticated;
    fake.raw.articles = async () => {
      throw new ApiError({ code: 'unauthenticated', message, hint });
    };
    await expect(register.search('x', 1)).rejects.toThrow();
    expect(register.get().unpaired).toBe(true);
  });
});

describe('a member whom headquarters changes while their basket is rung up', () => {
  const change = (basketId: string): TillEvent['body'] =>
    ({ kind: 'member', memberId: 'anna', changed: ['points'], basketId }) as TillEvent['body'];

  it('has it worked out again; another basket of theirs does not', async () => {
    register.ring(apple);
    await vi.advanceTimersByTimeAsync(EVALUATE_PAUSE_MS);
    fake.answers.shift()?.(reply(500));
    await settle();
    const { basketId } = register.get().ticket;
    fake.event(change('elsewhere'));
    await vi.advanceTimersByTimeAsync(EVALUATE_PAUSE_MS);
    expect(fake.asked).toHaveLength(1);
    fake.event(change(basketId));
    await vi.advanceTimersByTimeAsync(EVALUATE_PAUSE_MS);
    expect(fake.asked).toHaveLength(2);
  });

  it('keeps what was asked for once payment is under way', async () => {
    register.ring(apple);
    await vi.advanceTimersByTimeAsync(EVALUATE_PAUSE_MS);
    fake.answers.shift()?.(reply(500));
    await settle();
    await register.pay();
    fake.event(change(register.get().ticket.basketId));
    await vi.advanceTimersByTimeAsync(EVALUATE_PAUSE_MS);
    expect(fake.asked).toHaveLength(1);
  });
});

describe('goods that come back in exchange', () => {
  const request = { returnId: 'r', saleId: 'old' } as unknown as ReturnRequest;
  const exchangeFor = (refundMinor: number): void => register.exchangeFor({ request, refundMinor });

  it('are booked with the sale, in one call under one key, for what the shopper adds', async () => {
    exchangeFor(200);
    register.ring(apple);
    await evaluated();
    await register.pay();
    await register.commit('cash');
    expect(fake.exchanges).toMatchObject([
      { return: request, evaluationId: 'ev', sale: { payment: { paidMinor: 300 } } },
    ]);
    expect(register.get()).toMatchObject({ exchange: null, exchanged: { netMinor: -300 } });
    expect(register.get().receipt?.saleId).toBe('s');
  });

  it('that are worth more than the sale cost the shopper nothing', async () => {
    exchangeFor(800);
    register.ring(apple);
    await evaluated();
    await register.pay();
    await register.commit('cash');
    expect(fake.exchanges[0]?.sale.payment?.paidMinor).toBe(0);
  });

  it('stay out of it when the shopper thinks better of it', async () => {
    exchangeFor(200);
    register.exchangeFor(null);
    register.ring(apple);
    await evaluated();
    await register.pay();
    await register.commit('cash');
    expect([fake.exchanges, fake.keys.length]).toEqual([[], 1]);
  });

  it('cannot be taken back out once payment is under way', async () => {
    exchangeFor(200);
    register.ring(apple);
    await evaluated();
    await register.pay();
    register.exchangeFor(null);
    expect(register.get().exchange).not.toBeNull();
  });

  it('are gone with the next sale', async () => {
    exchangeFor(200);
    register.ring(apple);
    await evaluated();
    await register.pay();
    await register.commit('cash');
    register.next();
    expect(register.get()).toMatchObject({ exchange: null, exchanged: null });
  });
});

describe('a payment that is booked a second time because the answer was lost', () => {
  it('says the same moment, so that the till takes it for the same', async () => {
    register.ring(apple);
    await evaluated();
    await register.pay();
    const bodies: unknown[] = [];
    fake.raw.commit = (async (_id: string, _key: string, sale: unknown) => {
      bodies.push(sale);
      if (bodies.length === 1) throw new Error('the answer was lost');
      return { saleId: 's', receipt: { lines: [] } };
    }) as typeof fake.raw.commit;
    await expect(register.commit('cash')).rejects.toThrow('lost');
    nowMs += 5_000;
    await register.commit('cash');
    expect(bodies[1]).toEqual(bodies[0]);
  });
});
