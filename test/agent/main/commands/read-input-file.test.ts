import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readJsonFile, readTextFile } from '../../../../agent/main/commands/read-input-file.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tillside-input-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function save(content: string): string {
  const path = join(folder, 'file');
  writeFileSync(path, content);
  return path;
}

test('a file of as many bytes as allowed is read, of one more it is refused', () => {
  expect(readTextFile(save('12345678'), 8)).toEqual({ ok: true, value: '12345678' });
  expect(readTextFile(save('123456789'), 8)).toMatchObject({ error: { code: 'too-large' } });
  expect(readTextFile(save('é'), 1)).toMatchObject({ error: { code: 'too-large' } });
  expect(readTextFile(save(''), 8)).toEqual({ ok: true, value: '' });
});

test('a folder and a name that leads nowhere are unreadable', () => {
  for (const path of [folder, join(folder, 'nothing')])
    expect(readTextFile(path, 8)).toMatchObject({ error: { code: 'unreadable' } });
});

test('what is no UTF-8 and what is no JSON are told apart', () => {
  writeFileSync(join(folder, 'bytes'), Buffer.from([0xff]));
  expect(readJsonFile(join(folder, 'bytes'), 8)).toMatchObject({ error: { code: 'not-utf8' } });
  expect(readJsonFile(save('{'), 8)).toMatchObject({ error: { code: 'not-json' } });
  expect(readJsonFile(save('\ufeff[1]\r\n'), 8)).toEqual({ ok: true, value: [1] });
});

// Its size is told as 0, as that of a pipe.
const PSEUDO_FILE = '/proc/self/status';

test.skipIf(!existsSync(PSEUDO_FILE))(
  'the limit holds for a file that does not tell its size',
  () => {
    expect(readTextFile(PSEUDO_FILE, 10)).toMatchObject({ error: { code: 'too-large' } });
    const whole = readTextFile(PSEUDO_FILE, 64 * 1024);
    expect(whole.ok && whole.value).toContain('VmRSS');
  },
);
