import { randomBytes } from 'node:crypto';
import { writeSync } from 'node:fs';
import { memberIdSchema } from '../../agent/contract/index.ts';
import { createKeyFile } from '../../agent/main/key-file.ts';
import { openStore } from '../../agent/store/open-store.ts';
import { commitSale, testMember } from './ledger.ts';

/** Child process: books sales until it is killed, and says each on standard output once it is booked. */
const [dataDir = '', keyPath = ''] = process.argv.slice(2);
const opened = openStore({
  dataDir,
  keyStore: createKeyFile({ path: keyPath, dataDir }),
  clock: { now: () => 0 },
  random: randomBytes,
});
if (!opened.ok) throw new Error(`${opened.error.code}: ${opened.error.detail}`);
const store = opened.value;
const member = testMember(1);
store.members.upsert([member]);
for (let n = store.ledger.head().seq + 1; ; n++) {
  commitSale(store, n, memberIdSchema.parse(member.memberId));
  writeSync(1, `${n}\n`);
}
