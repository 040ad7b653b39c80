import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { tillConfigSchema } from '../../../../agent/main/config.ts';
import { keysOfTemplates } from '../../../../agent/main/face/keys-of-templates.ts';
import { createKeyFile } from '../../../../agent/main/key-file.ts';
import { templateKeysFileOf } from '../../../../agent/main/open-locked.ts';
import { openTill } from '../../../../agent/main/open-till.ts';
import { sealedKeyFile } from '../../../../agent/main/shell-keys.ts';
import { systemClock } from '../../../../agent/main/system.ts';
import { findInClear } from '../../../support/byte-search.ts';
import { must } from '../../../support/must.ts';

function folder(): string {
  const root = mkdtempSync(join(tmpdir(), 'tillside-key-place-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  return root;
}

test('the keys of templates lie beside the key of the database, whether that is sealed or not, and outside the data folder', async () => {
  const root = folder();
  const [dataDir, keyFile] = [join(root, 'data'), join(root, 'keys', 'till.key')];
  const templateKeysFile = templateKeysFileOf(keyFile);
  const till = must(
    await openTill({
      dataDir,
      keyStore: createKeyFile({ path: keyFile, dataDir }),
      templateKeysFile,
      config: tillConfigSchema.parse({}),
      clock: systemClock,
      version: '0.0.0-test',
      log: () => undefined,
    }),
  );
  const key = randomBytes(32);
  expect(till.templateKeys?.put('a'.repeat(32) as never, key)).toBe(true);
  await till.close();
  expect(existsSync(templateKeysFile)).toBe(true);
  expect(sealedKeyFile(keyFile).startsWith(keyFile)).toBe(true);
  expect(findInClear(root, [key])).toEqual([]);
});

test('a place inside the data folder, or one that cannot be written, leaves the till without faces and says so', () => {
  const root = folder();
  const said: string[] = [];
  const options = {
    dataDir: root,
    databaseKey: randomBytes(32),
    log: (level: string, message: string) => said.push(`${level} ${message}`),
  };
  expect(keysOfTemplates(join(root, 'till.key.faces'), options)).toBeUndefined();
  expect(keysOfTemplates('/dev/null/till.key.faces', options)).toBeUndefined();
  expect(keysOfTemplates(undefined, options)).toBeUndefined();
  expect(said).toEqual([
    'error the keys of faces would lie inside the data folder; no faces are used',
    'error the keys of faces cannot be opened; no faces are used',
  ]);
});
