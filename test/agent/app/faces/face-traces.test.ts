import { spawnSync } from 'node:child_process';
import { appendFileSync, cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openTemplate } from '../../../../agent/store/face-seal.ts';
import { findInClear } from '../../../support/byte-search.ts';
import { openDesk } from '../../../support/face-desk.ts';

test('raw bytes of key and template are nowhere in data folder, write-ahead log, key folder and logs; a planted copy is found', () => {
  const rig = openDesk();
  const copies = mkdtempSync(join(tmpdir(), 'tillside-traces-'));
  onTestFinished(() => rmSync(copies, { recursive: true, force: true }));
  const keyPath = join(rig.keyFolder, 'till.key');
  const databaseKey = Buffer.from(rig.keyStore.key ?? []);
  writeFileSync(keyPath, `${databaseKey.toString('hex')}\n`, { mode: 0o600 });
  rig.parts.keys.close();
  rig.store.close();
  // Killed behind its transaction, so that the log of the database is still full.
  const args = [rig.dataDir, keyPath, 'enrol', 'after', 'transaction'];
  const child = spawnSync(process.execPath, ['test/support/enrol-and-die.ts', ...args], {
    encoding: 'utf8',
  });
  expect(child.signal).toBe('SIGKILL');
  cpSync(rig.dataDir, join(copies, 'data'), { recursive: true });
  cpSync(rig.keyFolder, join(copies, 'keys'), { recursive: true });

  rig.restart();
  const [id] = rig.store.faces.ids();
  if (id === undefined) throw new Error('the child has enrolled');
  const key = rig.parts.keys.get(id) ?? new Uint8Array();
  const template = rig.store.faces.find(id)?.template;
  const opened = template && openTemplate(template, key);
  if (opened?.ok !== true) throw new Error('the template opens');
  const numbers = Buffer.from(opened.value.buffer);
  writeFileSync(join(copies, 'log'), rig.logged.join('\n') + child.stdout + child.stderr);

  const secrets = [key, numbers, numbers.subarray(0, 16)];
  expect(findInClear(copies, secrets)).toEqual([]);
  appendFileSync(join(copies, 'data', 'planted'), numbers);
  writeFileSync(join(copies, 'keys', 'planted'), Buffer.from(key).toString('base64'));
  expect(new Set(findInClear(copies, secrets).map(({ file }) => file))).toEqual(
    new Set(['data/planted', 'keys/planted']),
  );
}, 30_000);
