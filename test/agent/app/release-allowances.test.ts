import { expect, test } from 'vitest';
import type { TillContext } from '../../../agent/app/context.ts';
import { releaseAllowances } from '../../../agent/app/release-allowances.ts';
import { diskFull } from '../../sync/client/memory-store.ts';

/** The use cases' context around a holder that gives back what `release` does not throw at. */
function contextOf(release: (id: string) => void) {
  const logged: string[] = [];
  const context = {
    deps: {
      headquarters: { allowance: { release } },
      log: (level: string) => void logged.push(level),
    },
  } as unknown as TillContext;
  return { context, logged };
}

test('a reservation that the disk does not let go of keeps neither the others nor the sale', () => {
  const given: string[] = [];
  const { context, logged } = contextOf((id) => {
    if (id === 'a-1') throw diskFull();
    given.push(id);
  });
  releaseAllowances(context, ['a-1', 'a-2', 'a-3']);
  expect([given, logged]).toEqual([['a-2', 'a-3'], ['warn']]);
});

test('a broken invariant at giving back is no full disk and goes on its way', () => {
  const { context } = contextOf(() => {
    throw new Error('broken invariant: made up');
  });
  expect(() => releaseAllowances(context, ['a-1'])).toThrow('made up');
});
