import { createSecretKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { openHqDatabase } from '../../sync/hq/database/open-hq-database.ts';
import { verifySource } from '../../sync/hq/import/proof/verify-source.ts';

/**
 * A process that proves a migration of members and says how far it is; the parent kills it when it likes. Arguments: the
 * database's config as JSON, the file, the hour of its clock.
 */
const [config = '{}', path = '', nowMs = '0'] = process.argv.slice(2);
const opened = await openHqDatabase(JSON.parse(config), { log: () => {} });
if (!opened.ok) throw new Error(JSON.stringify(opened.error));
let peakRssBytes = 0;
let findings = 0;
let readRows = 0;
const deps = {
  db: opened.value,
  nowMs: () => Number(nowMs),
  random: (bytes: number) => randomBytes(bytes),
  keys: {
    signing: { keyId: 'test', privateKey: generateKeyPairSync('ed25519').privateKey },
    tokens: createSecretKey(randomBytes(32)),
  },
  log: () => {},
  currency: 'CNY',
  timeZone: 'Asia/Shanghai',
} as unknown as Parameters<typeof verifySource>[0];
const done = await verifySource(deps, {
  kind: 'members',
  path,
  onProgress({ rowsRead }) {
    peakRssBytes = Math.max(peakRssBytes, process.memoryUsage.rss());
    // The comparison counts from the beginning again.
    process.stdout.write(`${rowsRead < readRows ? 'compared' : 'rows'} ${rowsRead}\n`);
    readRows = Math.max(readRows, rowsRead);
  },
  onFindings: (some) => {
    findings += some.length;
  },
});
await opened.value.close();
const cpuMs = Math.round((process.cpuUsage().user + process.cpuUsage().system) / 1_000);
process.stdout.write(
  `${JSON.stringify(done.ok ? { summary: done.value.summary, findings, peakRssBytes, cpuMs } : done)}\n`,
);
