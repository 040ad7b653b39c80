import { openPostgres } from '../../sync/hq/database/open-postgres.ts';
import { sequenceBatch } from '../../sync/hq/feed/sequence-batch.ts';

/**
 * Child process: numbers the rows of the outbox at the address given, says so, and never commits. It waits to be killed.
 */
const opened = await openPostgres(process.argv[2] ?? '', { log: () => {} });
if (!opened.ok) throw new Error(opened.error.detail);
const db = opened.value;
await sequenceBatch(
  {
    ...db,
    transaction: (work) =>
      db.transaction(async (tx) => {
        const value = await work(tx);
        process.stdout.write('numbered\n');
        await new Promise(() => setInterval(() => {}, 60_000));
        return value;
      }),
  },
  { maxRows: 500, maxBytes: 8_000_000 },
);
