import { afterAll } from 'vitest';
import { openStoreFolder, type StoreFolder, type TestStore } from './store-folder.ts';

export { memoryKeyStore, TEST_NOW_MS, TEST_PLACE, type TestStore } from './store-folder.ts';

const opened: StoreFolder[] = [];

/** A store of its own on a real encrypted file in a temporary folder; closed and removed after the test file. */
export function openTestStore(options: Parameters<typeof openStoreFolder>[0] = {}): TestStore {
  const till = openStoreFolder(options);
  opened.push(till);
  return till;
}

afterAll(() => {
  for (const till of opened.splice(0)) till.close();
});
