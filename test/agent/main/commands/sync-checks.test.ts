import { describe, expect, it } from 'vitest';
import { type SyncView, text } from '../../../../agent/contract/index.ts';
import { checksOfSync } from '../../../../agent/main/commands/sync-checks.ts';

const NOW_MS = Date.UTC(2026, 10, 21, 8, 30);
const ago = (ms: number): string => new Date(NOW_MS - ms).toISOString();

const ONLINE: SyncView = {
  state: 'online',
  since: ago(60_000),
  reason: null,
  troubles: [],
  works: [],
  waits: [],
  url: 'https://hq.example',
  transport: 'stream',
  timeline: 'timeline-1',
  pos: 500,
  headPos: 500,
  lastHeardAt: ago(0),
  lastAppliedAt: ago(0),
  waiting: 0,
  oldestWaitingAt: null,
  ledgerSeq: 9,
  receivedSeq: 9,
  backedUpSeq: 3,
  clockOffsetMs: 40,
  snapshot: { state: 'done', rowsDone: 10, rowsAll: 10 },
  attempts: 0,
  nextAttemptAt: null,
};

const wrong = (view: Partial<SyncView>): string[] =>
  checksOfSync({ ...ONLINE, ...view }, NOW_MS).flatMap(({ check, ok }) => (ok ? [] : [check]));

describe('the findings of sync', () => {
  it('are all well on a till that is level with headquarters', () => {
    expect(wrong({})).toEqual([]);
  });

  it('say nothing of a till that works by itself but that it does', () => {
    expect(checksOfSync({ ...ONLINE, state: 'not-configured' }, NOW_MS)).toEqual([
      { check: 'headquarters', ok: true, detail: expect.stringContaining('by itself') },
    ]);
  });

  it('name why headquarters is away and what to do, in both languages', () => {
    const reason = {
      code: 'captive-portal',
      text: text('网络要求先登录', 'The network asks for a sign-in'),
      remedy: text('在浏览器里登录', 'Sign in in a browser'),
    };
    const [connection] = checksOfSync({ ...ONLINE, state: 'offline', reason }, NOW_MS);
    expect(connection).toMatchObject({
      check: 'headquarters',
      ok: false,
      detail: expect.stringContaining('The network asks for a sign-in'),
      remedy: '在浏览器里登录 / Sign in in a browser',
    });
  });

  it.each([
    ['far behind the feed', { headPos: 500 + 1_001 }, ['feed']],
    ['a page behind the feed', { headPos: 500 + 1_000 }, []],
    [
      'rows that wait although headquarters is online',
      { waiting: 3, oldestWaitingAt: ago(5 * 60_000 + 1) },
      ['outbox'],
    ],
    ['rows that wait a moment', { waiting: 3, oldestWaitingAt: ago(5 * 60_000) }, []],
    [
      'rows that wait because headquarters is away',
      { state: 'offline' as const, waiting: 3, oldestWaitingAt: ago(3_600_000) },
      ['headquarters'],
    ],
    ['a clock a minute off', { clockOffsetMs: -60_001 }, ['clock-offset']],
    ['a clock within a minute', { clockOffsetMs: 60_000 }, []],
    ['a till that stopped syncing', { state: 'stopped' as const }, ['headquarters']],
    [
      'rows that this version cannot read',
      {
        troubles: [
          {
            code: 'row-refused',
            text: text('读不懂', 'cannot read'),
            remedy: text('升级', 'update'),
            detail: 'tag: 3 rows',
            since: ago(0),
          },
        ],
      },
      ['row-refused'],
    ],
  ])('report %s', (_name, view, expected) => {
    expect(wrong(view)).toEqual(expected);
  });
});
