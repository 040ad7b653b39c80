import { createSecretKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { openHqDatabase } from '../../sync/hq/database/open-hq-database.ts';
import { importFile } from '../../sync/hq/import/import-file.ts';
import { systemTimers } from '../../sync/hq/system-timers.ts';

/**
 * A process that imports members and says after each batch how many rows are in; the parent kills it when it likes.
 * Arguments: the database's config as JSON, the file, the hour of its clock.
 */
const [config = '{}', path = '', nowMs = '0'] = process.argv.slice(2);
const opened = await openHqDatabase(JSON.parse(config), { log: () => {} });
if (!opened.ok) throw new Error(JSON.stringify(opened.error));
let peakRssBytes = 0;
const deps = {
  db: opened.value,
  nowMs: () => Number(nowMs),
  random: (bytes: number) => randomBytes(bytes),
  timers: systemTimers,
  keys: {
    signing: { keyId: 'test', privateKey: generateKeyPairSync('ed25519').privateKey },
    tokens: createSecretKey(randomBytes(32)),
  },
  log: () => {},
  currency: 'CNY',
  timeZone: 'Asia/Shanghai',
};
const done = await importFile(deps, {
  kind: 'members',
  path,
  onProgress({ rowsRead }) {
    peakRssBytes = Math.max(peakRssBytes, process.memoryUsage.rss());
    process.stdout.write(`rows ${rowsRead}\n`);
  },
});
await opened.value.close();
process.stdout.write(`${JSON.stringify({ done, peakRssBytes })}\n`);
