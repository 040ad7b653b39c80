import { describe, expect, it } from 'vitest';
import { API_LIMITS, CALLERS_TRACKED_MAX } from '../../../agent/api/limits.ts';
import { createRateLimit } from '../../../agent/api/rate-limit.ts';

function rateAt(limits: Partial<typeof API_LIMITS>) {
  const clock = { ms: 0 };
  return { clock, rate: createRateLimit({ ...API_LIMITS, ...limits }, () => clock.ms) };
}

describe('the rate of a caller', () => {
  it('allows a burst, then the rate, and says how long to wait', () => {
    const { clock, rate } = rateAt({ callerBurst: 2, callerPerSecond: 0.5 });
    const ask = () => rate.request('client:a');
    expect([ask().ok, ask().ok]).toEqual([true, true]);
    expect(ask()).toEqual({
      ok: false,
      error: { code: 'too-many-requests', data: { retryAfterSeconds: 2 } },
    });
    clock.ms = 1_999;
    expect(ask().ok).toBe(false);
    clock.ms = 2_000;
    expect(ask().ok).toBe(true);
  });

  it('counts unfinished requests, each given back once', () => {
    const { rate } = rateAt({ callerInFlightMax: 1 });
    const first = rate.request('client:a');
    expect(rate.request('client:a').ok).toBe(false);
    if (first.ok) {
      first.value();
      first.value();
    }
    expect(rate.request('client:a').ok).toBe(true);
    expect(rate.request('client:a').ok).toBe(false);
  });

  it('is remembered for so many callers, of which the longest idle is forgotten and never a busy one', () => {
    const { rate } = rateAt({ callerBurst: 1, callerPerSecond: 0.001 });
    const busy = rate.stream('client:busy');
    expect(rate.request('client:busy').ok).toBe(true);
    for (let n = 0; n < CALLERS_TRACKED_MAX * 2; n += 1) {
      const taken = rate.request(`client:${n}`);
      if (taken.ok) taken.value();
    }
    expect(busy.ok && rate.request('client:busy').ok).toBe(false);
    expect(rate.request('client:0').ok).toBe(true);
  });
});
