import { openDatabase } from '../../agent/store/sqlite/open-database.ts';

/** Child process: holds a database exclusively, says so, and waits to be killed. */
const [file] = process.argv.slice(2);
const db = openDatabase(
  file ?? '',
  Buffer.from(process.env['TILLSIDE_TEST_KEY'] ?? '', 'hex'),
  false,
);
db.pragma('locking_mode=EXCLUSIVE');
db.exec('BEGIN EXCLUSIVE');
process.stdout.write('holding\n');
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
