import { writeSync } from 'node:fs';
import { migrate } from '../../agent/store/migrate.ts';
import { MIGRATIONS } from '../../agent/store/migrations.ts';
import { openDatabase } from '../../agent/store/sqlite/open-database.ts';

/** Child process: brings a database to the latest schema, and says when it begins. */
const [file = '', key = ''] = process.argv.slice(2);
const db = openDatabase(file, Buffer.from(key, 'hex'), false);
writeSync(1, 'begins\n');
const migrated = migrate(db, MIGRATIONS, 1);
if (!migrated.ok) throw new Error(migrated.error.detail);
db.close();
