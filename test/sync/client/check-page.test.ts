import { describe, expect, test } from 'vitest';
import { checkPage } from '../../../sync/client/check-page.ts';
import { createFeedModel, memberRow } from './feed-model.ts';
import { origin } from './memory-store.ts';

describe('a page', () => {
  const feed = createFeedModel();
  const first = feed.publish([memberRow('m-1', 1)]);
  feed.publish([memberRow('m-2', 2)]);
  const page = feed.pageAfter(first);
  if (page === null) throw new Error('a page was published');
  const start = origin(feed.timeline);

  test('counts where it begins at the till’s place and its hash fits', () => {
    expect(checkPage(page, first, 'store-1')).toEqual({ ok: true, value: 'next' });
  });

  test.each([
    [
      'of another timeline',
      { ...page, from: { ...page.from, timeline: 'timeline-2' } },
      first,
      'other-timeline',
    ],
    [
      'that ends on another timeline',
      { ...page, to: { ...page.to, timeline: 'timeline-2' } },
      first,
      'other-timeline',
    ],
    ['that ends before it begins', { ...page, to: start }, first, 'goes-back'],
    [
      'that ends elsewhere under the same number',
      { ...page, to: { ...first, chain: 'b'.repeat(64) } },
      first,
      'goes-back',
    ],
    ['that begins further on', page, start, 'not-next'],
    ['that begins before and ends after', { ...page, from: start }, first, 'not-next'],
    [
      'at the same number with another chain',
      page,
      { ...first, chain: 'c'.repeat(64) },
      'not-next',
    ],
    [
      'whose end the till has with another chain',
      page,
      { ...page.to, chain: 'd'.repeat(64) },
      'not-next',
    ],
    ['with another count', { ...page, count: 2 }, first, 'wrong-count'],
    [
      'with a key twice',
      { ...page, rows: [...page.rows, ...page.rows], count: 2 },
      first,
      'row-twice',
    ],
    ['with a changed row', { ...page, rows: [memberRow('m-2', 2, { x: 1 })] }, first, 'wrong-hash'],
    ['with another hash', { ...page, hash: 'e'.repeat(64) }, first, 'wrong-hash'],
  ])('%s is refused', (_, bad, cursor, why) => {
    expect(checkPage(bad, cursor, 'store-1')).toEqual({ ok: false, error: why });
  });

  test('of another store is refused, one that the till has is passed over', () => {
    expect(checkPage(page, first, 'store-2')).toEqual({ ok: false, error: 'wrong-hash' });
    expect(checkPage(page, page.to, 'store-1')).toEqual({ ok: true, value: 'repeated' });
  });
});
