import { expect, it } from 'vitest';
import { chooseSeed } from './kill-sales.ts';
import { sayFigures, watchOnlinePurchases } from './sync-online.ts';

it('300 online purchases reach the open screens of a till behind 40 ms and forced reconnects, none is missed', {
  timeout: 600_000,
}, async () => {
  const seed = chooseSeed();
  process.stdout.write(`online purchases: seed ${seed}; TILLSIDE_SEED=${seed} replays it\n`);
  const figures = await watchOnlinePurchases({ events: 300, seed });
  process.stdout.write(sayFigures(figures));
  expect(figures.events).toBe(300);
});
