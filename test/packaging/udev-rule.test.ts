import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { stateAdvice } from '../../drivers/contract/state-advice.ts';
import { makerOf } from '../../drivers/scanner/hid-makers.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const FOLDER = join(ROOT, 'packaging', 'linux');
const read = (...path: string[]): string => readFileSync(join(ROOT, ...path), 'utf8');
const [RULE = '', ...others] = readdirSync(FOLDER).filter((name) => name.endsWith('.rules'));
const rule = read('packaging', 'linux', RULE);

interface LinuxPackages {
  readonly linux: { readonly extraResources: readonly { from: string; to: string }[] };
  readonly deb: { readonly fpm: readonly string[] };
}
const packages = parse(read('electron-builder.yml')) as LinuxPackages;

test('there is one udev rule, and it sorts before 73, where access for the person at the seat is given', () => {
  expect(others).toEqual([]);
  expect(Number(/^(\d\d)-[\w-]+\.rules$/.exec(RULE)?.[1])).toBeLessThan(73);
});

test('the Debian package puts the rule where udev reads it, and the AppImage carries it', () => {
  const placed = packages.deb.fpm.map((mapping) => mapping.split('='));
  expect(placed).toEqual([[`packaging/linux/${RULE}`, `/usr/lib/udev/rules.d/${RULE}`]]);
  expect(packages.linux.extraResources).toEqual([{ from: `packaging/linux/${RULE}`, to: RULE }]);
  for (const [from = ''] of placed) expect(existsSync(join(ROOT, from))).toBe(true);
});

test('whoever is denied a device is told this rule by name, with the steps of its head', () => {
  const { text, command = '' } = stateAdvice.denied.remedy;
  for (const said of [text['zh-CN'], text.en, command]) expect(said).toContain(RULE);
  const steps = command.split(' && ');
  expect(steps).toHaveLength(3);
  for (const step of steps) expect(rule).toContain(`#   ${step}\n`);
});

test('docs/devices.md names the rule and the same steps', () => {
  const text = read('docs', 'devices.md');
  expect(text).toContain(RULE);
  for (const step of (stateAdvice.denied.remedy.command ?? '').split(' && ').slice(1))
    expect(text).toContain(step);
});

test('modem software is kept away from the scanners of every maker that the drivers know', () => {
  const ids = Array.from({ length: 0x10000 }, (_, id) => id.toString(16).padStart(4, '0'));
  const known = ids.filter((id) => makerOf(id) !== undefined);
  const [, listed = ''] =
    /ATTRS\{idVendor\}=="([^"]+)", ENV\{ID_MM_DEVICE_IGNORE\}/.exec(rule) ?? [];
  expect(known.length).toBeGreaterThan(3);
  expect(known.filter((id) => !listed.split('|').includes(id))).toEqual([]);
});

test('every line of the rule is a comment, a condition with what it does, or blank', () => {
  const lines = rule.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  expect(lines.length).toBeGreaterThan(5);
  for (const line of lines) expect(line).toMatch(/^([A-Z]+(\{\w+\})?(==|=|\+=)"[^"]*"(, |$))+$/);
  const labels = [...rule.matchAll(/LABEL="(\w+)"/g)].map(([, name]) => name);
  for (const [, name] of rule.matchAll(/GOTO="(\w+)"/g)) expect(labels).toContain(name);
});
