import { describe, expect, test } from 'vitest';
import { RETRY_AFTER_MAX_MS, readRetryAfter } from '../../../sync/client/retry-after.ts';

describe('Retry-After', () => {
  const now = Date.parse('2026-03-02T09:00:00Z');
  test.each([
    ['absent', undefined, undefined, null],
    ['seconds', '7', undefined, 7_000],
    ['seconds at the cap', '300', undefined, RETRY_AFTER_MAX_MS],
    ['a day', '86400', undefined, RETRY_AFTER_MAX_MS],
    [
      'a date, from the answer’s own',
      'Mon, 02 Mar 2020 09:00:30 GMT',
      'Mon, 02 Mar 2020 09:00:10 GMT',
      20_000,
    ],
    ['a date without another', 'Mon, 02 Mar 2026 09:00:30 GMT', undefined, 30_000],
    ['a date that is over', 'Mon, 02 Mar 2020 09:00:30 GMT', undefined, 0],
    ['a date next year', 'Mon, 02 Mar 2027 09:00:30 GMT', undefined, RETRY_AFTER_MAX_MS],
    ['nonsense', 'soon', undefined, null],
    ['a negative number', '-5', undefined, null],
    ['nothing', ' ', undefined, null],
  ])('%s', (_, value, date, expected) => {
    expect(readRetryAfter(value, date, now)).toBe(expected);
  });
});
