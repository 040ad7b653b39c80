import { describe, expect, test } from 'vitest';
import { standAloneFacts } from '../../../agent/app/no-headquarters.ts';
import { statusSchema, syncViewSchema } from '../../../agent/contract/index.ts';
import type { OfflineReason, SyncFacts, SyncStop } from '../../../sync/client/ports.ts';
import { TEST_NOW_MS } from '../../support/store.ts';
import { ANNA, basket, headquartersPort, openTill, RICE, ringUp, value } from './rig.ts';

const withFacts = (over: Partial<SyncFacts>) =>
  openTill({
    headquarters: () =>
      headquartersPort({
        state: () => ({ state: 'offline', sinceMs: TEST_NOW_MS }),
        facts: () => ({ ...standAloneFacts(TEST_NOW_MS), ...over }),
      }),
  });

const OFFLINE: readonly OfflineReason[] = [
  'starting',
  'network',
  'timed-out',
  'captive-portal',
  'certificate-expired',
  'certificate-untrusted',
  'clock-wrong',
  'server-error',
  'wrong-answer',
];
const STOPS: readonly SyncStop[] = [
  'till-revoked',
  'till-copied',
  'till-unknown',
  'till-replaced',
  'ledger-forked',
  'incarnation-unknown',
  'protocol-unsupported',
];

describe('where a till stands with headquarters', () => {
  test.each(OFFLINE)('offline for %s: why and what to do, in both languages', async (reason) => {
    const rig = withFacts({ state: 'offline', offlineReason: reason, oldestWaitingMs: 0 });
    const view = syncViewSchema.parse(value(await rig.till.showSync()));
    expect(view.reason?.code).toBe(reason);
    for (const words of [view.reason?.text, view.reason?.remedy])
      expect([words?.['zh-CN'].length, words?.en.length].every((n) => (n ?? 0) > 3)).toBe(true);
    expect(view.waits.length).toBeGreaterThan(0);
    const { headquarters } = statusSchema.parse(value(await rig.till.status()));
    expect(headquarters).toMatchObject({
      reason: { code: reason },
      oldestWaitingAt: '1970-01-01T00:00:00.000Z',
    });
  });

  test.each(STOPS)('stopped for %s: a person has to act, the till goes on', async (stopped) => {
    const rig = withFacts({ state: 'stopped', stopped });
    const view = syncViewSchema.parse(value(await rig.till.showSync()));
    expect(view).toMatchObject({ state: 'stopped', reason: { code: stopped } });
    expect(view.works.length).toBeGreaterThan(0);
  });

  test('what troubles sync without stopping it is told with its remedy', async () => {
    const rig = withFacts({
      state: 'online',
      troubles: [{ code: 'row-refused', detail: 'tag: 3 rows', sinceMs: 0 }],
    });
    const view = syncViewSchema.parse(value(await rig.till.showSync()));
    expect(view.troubles).toMatchObject([{ code: 'row-refused', detail: 'tag: 3 rows' }]);
  });

  test('a till without a headquarters waits for nothing', async () => {
    const view = value(await openTill().till.showSync());
    expect(view).toMatchObject({ state: 'not-configured', reason: null, waits: [] });
  });

  test('`now` asks sync to try at once', async () => {
    let asked = 0;
    const rig = openTill({
      headquarters: () =>
        headquartersPort({
          syncNow() {
            asked += 1;
          },
        }),
    });
    value(await rig.till.syncNow());
    expect(asked).toBe(1);
  });
});

describe('how fresh member data is', () => {
  const DAY_MS = 24 * 3_600_000;
  const LONG_AGO = 100 * DAY_MS;

  async function stale(port: Parameters<typeof headquartersPort>[0]): Promise<boolean> {
    const rig = openTill({ headquarters: () => headquartersPort(port) });
    rig.time.wallMs += LONG_AGO;
    const reply = await ringUp(rig, ANNA, basket('b1', [RICE]));
    const known = value(await rig.till.identification(reply.identificationId ?? ''));
    return known.decision?.state.stale === true;
  }

  test('a row that did not change is as fresh as the last word from headquarters', async () => {
    const nowMs = TEST_NOW_MS + LONG_AGO;
    const facts = (lastHeardMs: number | null) => () => ({
      ...standAloneFacts(0),
      state: 'offline' as const,
      lastHeardMs,
    });
    expect(await stale({ state: () => ({ state: 'online', sinceMs: 0 }) })).toBe(false);
    const offline = { state: () => ({ state: 'offline' as const, sinceMs: nowMs }) };
    expect(await stale({ ...offline, facts: facts(nowMs - DAY_MS) })).toBe(false);
    expect(await stale({ ...offline, facts: facts(nowMs - 95 * DAY_MS) })).toBe(true);
    expect(await stale({ ...offline, facts: facts(null) })).toBe(true);
    expect(await stale({})).toBe(true);
  });
});
