import { it } from 'vitest';
import { mayRunPostgres } from '../support/hq-database.ts';
import { chooseSeed } from './kill-sales.ts';
import { sellUnderSyncKills } from './sync-kills.ts';

it.for(['pglite', 'embedded'] as const)(
  'headquarters on %s and two tills: 500 sales, kill -9 at 50 random points of each till and 20 of headquarters, networks cut at random: headquarters has every committed sale once',
  async (database, { skip }) => {
    if (database === 'embedded' && !mayRunPostgres()) skip();
    const seed = chooseSeed();
    process.stdout.write(
      `sync kills on ${database}: seed ${seed}; TILLSIDE_SEED=${seed} replays it\n`,
    );
    await sellUnderSyncKills({
      ...{ database, seed, sales: 500 },
      ...{ killsOfEachTill: 50, killsOfHq: 20, stopsOfHq: 5 },
    });
  },
);
