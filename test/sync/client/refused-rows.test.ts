import { describe, expect, test } from 'vitest';
import { createRefusedRows, REFUSED_ROWS_MAX } from '../../../sync/client/refused-rows.ts';
import { createTroubles } from '../../../sync/client/troubles.ts';
import { createVirtualTime } from './virtual-time.ts';

function rig() {
  const { clock } = createVirtualTime();
  const troubles = createTroubles(
    clock,
    () => {},
    () => {},
  );
  return { troubles, note: createRefusedRows(troubles) };
}

const refused = (key: string) => ({ table: 'member', key, why: 'tier is missing' });

describe('rows that this version cannot read', () => {
  test('are a trouble until each of them came in a form that it can', () => {
    const { troubles, note } = rig();
    note({ changed: [], ignored: 0, refused: [refused('m-1'), refused('m-2')] });
    expect(troubles.list()).toMatchObject([
      { code: 'row-refused', detail: 'member: tier is missing (2 rows)' },
    ]);
    note({ changed: [{ table: 'member', key: 'm-1' }], ignored: 0 });
    expect(troubles.list()).toMatchObject([{ detail: 'member: tier is missing (1 rows)' }]);
    note({ changed: [{ table: 'points', key: 'm-2' }], ignored: 0 });
    expect(troubles.list()).toHaveLength(1);
    note({ changed: [{ table: 'member', key: 'm-2' }], ignored: 0 });
    expect(troubles.list()).toEqual([]);
  });

  test('are counted up to a limit', () => {
    const { troubles, note } = rig();
    const many = Array.from({ length: REFUSED_ROWS_MAX + 1 }, (_, index) => refused(`m-${index}`));
    note({ changed: [], ignored: 0, refused: many });
    expect(troubles.list()).toMatchObject([
      { detail: `member: tier is missing (${REFUSED_ROWS_MAX} rows)` },
    ]);
  });
});
