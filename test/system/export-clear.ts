import { copyFileSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openDatabase } from '../../agent/store/sqlite/open-database.ts';

/**
 * Copies a till's database and takes the encryption off the copy, so that a search of bytes can be seen to find things.
 * A process of its own: `node export-clear.ts DATA-FOLDER KEY-FILE TARGET-FOLDER`.
 */
const [dataDir = '', keyFile = '', target = ''] = process.argv.slice(2);
for (const name of readdirSync(dataDir).filter((each) => /^till-.*\.db(-wal|-shm)?$/.test(each))) {
  copyFileSync(join(dataDir, name), join(target, name));
}
const file = readdirSync(target).find((name) => name.endsWith('.db'));
if (file === undefined) throw new Error(`${dataDir} holds no database`);
const db = openDatabase(
  join(target, file),
  Buffer.from(readFileSync(keyFile, 'utf8').trim(), 'hex'),
  false,
);
db.pragma('wal_checkpoint(TRUNCATE)');
db.pragma('journal_mode=DELETE');
db.pragma("rekey=''");
db.close();
