import { openHqDatabase } from '../../sync/hq/database/open-hq-database.ts';

/**
 * Child process: opens HQ's database of the kind and in the folder given, says what came of it, and counts rows up, one
 * commit at a time, telling each, until it is killed.
 */
const [kind, folder = ''] = process.argv.slice(2);
const opened = await openHqDatabase(
  { kind: kind === 'embedded' ? 'embedded' : 'pglite', folder },
  { log: () => {} },
);
process.stdout.write(`${opened.ok ? 'ok' : opened.error.code}\n`);
if (opened.ok) {
  const db = opened.value;
  await db.script('CREATE TABLE IF NOT EXISTS counted (n bigint PRIMARY KEY)');
  for (let n = 1; ; n++) {
    await db.query('INSERT INTO counted VALUES ($1)', [n]);
    process.stdout.write(`${n}\n`);
  }
}
