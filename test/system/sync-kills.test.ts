import { it } from 'vitest';
import { mayRunPostgres } from '../support/hq-database.ts';
import { chooseSeed } from './kill-sales.ts';
import { sellUnderSyncKills } from './sync-kills.ts';

/** About a minute on a quiet machine; a busy one takes many times as long. */
const TEST_MS = 15 * 60_000;

// Both at a time: most of it is waiting for programs that start again.
it.concurrent.for(['pglite', 'embedded'] as const)(
  'headquarters on %s and two tills: 500 sales, kill -9 at 10 random points of each till and 5 of headquarters, networks cut at random: headquarters has every committed sale once',
  { timeout: TEST_MS },
  async (database, { skip }) => {
    if (database === 'embedded' && !mayRunPostgres()) skip();
    const seed = chooseSeed();
    process.stdout.write(
      `sync kills on ${database}: seed ${seed}; TILLSIDE_SEED=${seed} replays it\n`,
    );
    await sellUnderSyncKills({
      ...{ database, seed, sales: 500 },
      ...{ killsOfEachTill: 10, killsOfHq: 5, stopsOfHq: 2 },
    });
  },
);
