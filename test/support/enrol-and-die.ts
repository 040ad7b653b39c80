import { randomBytes } from 'node:crypto';
import { createFaceDesk } from '../../agent/app/faces/create-face-desk.ts';
import type { MemberId, StaffId } from '../../agent/contract/index.ts';
import { createKeyFile } from '../../agent/main/key-file.ts';
import { openStore } from '../../agent/store/open-store.ts';
import { openTemplateKeys } from '../../agent/store/template-keys/open-template-keys.ts';

/**
 * Child process: enrols a member or takes their consent back, and kills itself before or after one step of it. Steps are
 * `put`, `erase` and `transaction`.
 */
const [dataDir = '', keyPath = '', action = '', when = '', step = ''] = process.argv.slice(2);
const keyStore = createKeyFile({ path: keyPath, dataDir });
const clock = { now: () => Date.UTC(2026, 10, 21, 8, 30) };
const opened = openStore({ dataDir, keyStore, clock, random: randomBytes });
if (!opened.ok) throw new Error(`${opened.error.code}: ${opened.error.detail}`);
const loaded = keyStore.load();
if (!loaded.ok || loaded.value === undefined) throw new Error('there is a key');
const { keys } = openTemplateKeys(`${keyPath}.faces`, loaded.value);
const store = opened.value;
let armed = false;

function dying<Args extends unknown[], Answer>(name: string, run: (...args: Args) => Answer) {
  return (...args: Args): Answer => {
    const dies = armed && name === step;
    if (dies && when === 'before') process.kill(process.pid, 'SIGKILL');
    const answer = run(...args);
    if (dies) process.kill(process.pid, 'SIGKILL');
    return answer;
  };
}

const gallery = {
  put: async () => ({ ok: true, value: undefined }) as const,
  remove: async () => undefined,
  nearest: async () => [],
  distance: async () => undefined,
  size: async () => 0,
  close: async () => undefined,
};
const model = { modelId: 'test-8', modelVersion: '1' };
const desk = createFaceDesk({
  store: Object.assign(store, {
    transaction: dying('transaction', store.transaction) as typeof store.transaction,
  }),
  keys: { ...keys, put: dying('put', keys.put), erase: dying('erase', keys.erase) },
  inUse: () => ({
    facts: { model, dimensions: 8, normalisation: 'none' },
    limits: { pairMax: 0.5, duplicateMax: () => 0.3 },
    gallery,
    forget: gallery.close,
  }),
  clock,
  random: randomBytes,
  place: () => JSON.parse(store.documents.current('place')?.body ?? '{}'),
  log: () => undefined,
});
armed = true;
const memberId = 'anna' as MemberId;
const staffId = 'cashier-1' as StaffId;
const done =
  action === 'enrol'
    ? await desk.enrolments.enrol({
        memberId,
        scope: 'store',
        textVersion: 'f1',
        language: 'en',
        witnessId: staffId,
        agreedAtMs: clock.now(),
        model,
        captures: [0, 0.01, 0.02].map((off) => new Float32Array(8).fill(1 + off)),
      })
    : await desk.enrolments.withdraw({ memberId, channel: 'staff', staffId });
process.stdout.write(JSON.stringify(done));
process.exit(0);
