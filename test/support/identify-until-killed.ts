import { randomBytes } from 'node:crypto';
import { writeSync } from 'node:fs';
import { createKeyFile } from '../../agent/main/key-file.ts';
import { openStore } from '../../agent/store/open-store.ts';
import { passKeyOf, testPhone } from './credentials.ts';
import { testMember } from './ledger.ts';
import { createSmallTill } from './small-till.ts';
import { TEST_PLACE } from './store-folder.ts';

/**
 * Child process: identifies one member by one code of their pass after another until it is killed. Says the key's id, then
 * each counter once the till has answered. Time stands still, so that all codes are of one step.
 */
const [dataDir = '', keyPath = ''] = process.argv.slice(2);
const now = (): number => 0;
const opened = openStore({
  dataDir,
  keyStore: createKeyFile({ path: keyPath, dataDir }),
  clock: { now },
  random: randomBytes,
  place: TEST_PLACE,
});
if (!opened.ok) throw new Error(`${opened.error.code}: ${opened.error.detail}`);
const store = opened.value;
const till = await createSmallTill({ store, now, place: TEST_PLACE, members: 1 });
const phone = testPhone('m-1', { nowMs: 0 });
store.members.upsert([testMember(1, { passKeys: [passKeyOf(phone.signer, 0)] })]);
writeSync(1, `${phone.signer.keyId}\n`);
for (let counter = 1; ; counter++) {
  const answer = await till.identify(
    { kind: 'client', clientId: 'pos-1', scopes: ['identify'] },
    { text: phone.show(0, counter) },
  );
  if (!answer.ok || answer.value.outcome !== 'identified') throw new Error(JSON.stringify(answer));
  writeSync(1, `${counter}\n`);
}
