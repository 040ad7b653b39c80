import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { createHqMetrics } from '../../../../sync/hq/server/metrics.ts';

test('docs/metrics.md has every metric of headquarters with its kind, and no other', async () => {
  const { body } = await createHqMetrics({ process: false }).text();
  const told = [...body.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, kind]) => [name, kind]);
  const doc = readFileSync(new URL('../../../../docs/metrics.md', import.meta.url), 'utf8');
  const written = [...doc.matchAll(/^\| `(tillside_hq_\w+)` \| (\w+) \|/gm)].map(
    ([, name, kind]) => [name, kind],
  );
  expect(told.length).toBeGreaterThan(20);
  expect(written.sort()).toEqual(told.sort());
});
