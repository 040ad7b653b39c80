import { setTimeout as sleep } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { assert } from '../../contract/index.ts';
import { openDatabase } from '../sqlite/open-database.ts';
import { damageCode } from '../sqlite/storage-error.ts';
import {
  BETWEEN_TABLES_MS,
  FAULTS_MAX,
  type IntegrityAnswer,
  type IntegrityData,
} from './integrity-protocol.ts';

/**
 * The thread that reads every page of a till's database on a connection of its own: SQLite's whole `integrity_check`, table
 * by table, each with its indexes. Each page that is read is proved by its code. A page that cannot be read is a fault;
 * any other error ends the thread.
 */
const { file, key } = workerData as IntegrityData;
const port = parentPort;
assert(port !== null, 'the integrity check runs in a thread of its own');
const db = openDatabase(file, key, false);
db.pragma('query_only=ON');
// Its own cache stays small: each page is read once.
db.pragma('cache_size=-4096');

const faults: string[] = [];
let tables = 0;
for (const table of namesOf()) {
  if (faults.length >= FAULTS_MAX) break;
  faults.push(...faultsOf(table));
  tables += 1;
  await sleep(BETWEEN_TABLES_MS);
}
db.close();
const answer: IntegrityAnswer = { tables, faults };
port.postMessage(answer);

function namesOf(): string[] {
  try {
    return db
      .prepare<[], { name: string }>(
        `SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name`,
      )
      .all()
      .map(({ name }) => name);
  } catch (error) {
    faults.push(`schema: ${damageCode(error)}`);
    return [];
  }
}

function faultsOf(table: string): string[] {
  try {
    const rows = db.pragma(`integrity_check('${table}')`) as { integrity_check: string }[];
    return rows
      .map(({ integrity_check }) => integrity_check)
      .filter((said) => said !== 'ok')
      .slice(0, FAULTS_MAX)
      .map((said) => `${table}: ${said}`);
  } catch (error) {
    return [`${table}: ${damageCode(error)}`];
  }
}
