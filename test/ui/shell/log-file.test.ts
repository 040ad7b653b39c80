import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  createLineCutter,
  createLogFile,
  LOG_FILES_KEPT,
  LOG_LINE_MAX_CHARS,
} from '../../../ui/shell/log-file.ts';

let root: string;
let path: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tillside-log-'));
  path = join(root, 'logs', 'tillside.log');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test('the log never takes more than its files, and the newest lines are the ones that stay', () => {
  const write = createLogFile(path, { maxBytes: 100 });
  for (let n = 0; n < 100; n += 1) write(`line ${n}`.padEnd(49, '.'));
  expect(readdirSync(join(root, 'logs'))).toHaveLength(LOG_FILES_KEPT + 1);
  for (const file of readdirSync(join(root, 'logs')))
    expect(statSync(join(root, 'logs', file)).size).toBeLessThanOrEqual(100);
  expect(readFileSync(path, 'utf8')).toContain('line 99');
  expect(readFileSync(`${path}.1`, 'utf8')).toContain('line 97');
});

test('a file that is exactly full is put aside before the next line', () => {
  const write = createLogFile(path, { maxBytes: 20 });
  write('123456789');
  write('123456789');
  expect([statSync(path).size, existsSync(`${path}.1`)]).toEqual([20, false]);
  write('x');
  expect([statSync(path).size, statSync(`${path}.1`).size]).toEqual([2, 20]);
});

test('a log from before is carried on', () => {
  createLogFile(path)('before');
  createLogFile(path)('after');
  expect(readFileSync(path, 'utf8')).toBe('before\nafter\n');
});

test('only the till account may read it', () => {
  createLogFile(path)('x');
  expect(statSync(path).mode & 0o077).toBe(0);
});

test('a log that cannot be written stops nothing', () => {
  mkdirSync(path, { recursive: true });
  const write = createLogFile(path);
  expect(() => write('x')).not.toThrow();
  rmSync(path, { recursive: true });
  write('y');
  expect(readFileSync(path, 'utf8')).toBe('y\n');
});

test('a line is cut at its longest, in the file and on its way there', () => {
  const long = 'x'.repeat(LOG_LINE_MAX_CHARS);
  createLogFile(path)(`${long}yz`);
  expect(readFileSync(path, 'utf8')).toBe(`${long}\n`);
  const lines: string[] = [];
  const cut = createLineCutter((line) => lines.push(line));
  cut(Buffer.from(`${long}yz`));
  cut(Buffer.from('\nnext\n'));
  expect(lines).toEqual([long, 'next']);
});

test('lines that come in pieces come out whole, characters too', () => {
  const lines: string[] = [];
  const cut = createLineCutter((line) => lines.push(line));
  for (const byte of Buffer.from('上海\n\nb\nrest')) cut(Uint8Array.of(byte));
  expect(lines).toEqual(['上海', 'b']);
});
