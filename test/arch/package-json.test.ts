import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readScriptHelp } from '../../scripts/script-help.ts';
import { readSources, repositoryRoot } from './read-sources.ts';

const packageFile = join(repositoryRoot, 'package.json');
const scripts = readScriptHelp(packageFile);

/** An exact version, or an alias of one: `npm:name@1.2.3`. */
const EXACT = /^(npm:(@[\w.-]+\/)?[\w.-]+@)?\d+\.\d+\.\d+(-[\w.]+)?$/;

test('every script carries a line of help', () => {
  expect(scripts.filter(({ help }) => help === null || help.length < 10)).toEqual([]);
});

test('`npm run` lists each script with its line of help', () => {
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const listing = execFileSync(npm, ['run'], { cwd: repositoryRoot, encoding: 'utf8' });
  const lines = listing.split('\n').map((line) => line.trim());
  for (const { name, help } of scripts) {
    const command = lines[lines.indexOf(name) + 1];
    expect(lines, `the listing names ${name}`).toContain(name);
    expect(command, `the listing helps with ${name}`).toContain(`"${help}"`);
  }
});

test('the commands that people script against are there', () => {
  const names = scripts.map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(['start', 'test', 'bench', 'till']));
});

test('every version is pinned exactly', () => {
  const manifest = JSON.parse(readFileSync(packageFile, 'utf8')) as Record<string, unknown>;
  const versions = ['dependencies', 'devDependencies', 'optionalDependencies'].flatMap((key) =>
    Object.entries((manifest[key] ?? {}) as Record<string, string>),
  );
  expect(versions.length).toBeGreaterThan(20);
  expect(versions.filter(([, version]) => !EXACT.test(version))).toEqual([]);
});

test('the package of the face models of the tests is a development dependency, and no source loads it', () => {
  const name = 'faceplugin-face-recognition-js';
  const manifest = JSON.parse(readFileSync(packageFile, 'utf8')) as Record<string, object>;
  expect(manifest['devDependencies']).toHaveProperty(name);
  for (const key of ['dependencies', 'optionalDependencies'])
    expect(manifest[key]).not.toHaveProperty(name);
  const loading = readSources().filter(({ imports }) =>
    imports.some(({ specifier }) => specifier.startsWith(name)),
  );
  expect(loading.map(({ path }) => path)).toEqual([]);
});

test.each(['^1.2.3', '~1.2.3', '1.x', 'latest', 'npm:other@^1.0.0', 'git+https://a/b'])(
  'the version %s would not count as exact',
  (version) => {
    expect(version).not.toMatch(EXACT);
  },
);

test('the lockfile names no place to download from, so every mirror serves', () => {
  const lock = JSON.parse(readFileSync(join(repositoryRoot, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { resolved?: string; integrity?: string }>;
  };
  const packages = Object.entries(lock.packages).filter(([path]) => path !== '');
  expect(packages.filter(([, { resolved }]) => resolved !== undefined)).toEqual([]);
  expect(packages.filter(([, { integrity }]) => integrity === undefined)).toEqual([]);
});

test('the lockfile holds the binaries of every platform, without which npm ci stops', () => {
  const lock = JSON.parse(readFileSync(join(repositoryRoot, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { version: string; optionalDependencies?: Record<string, string> }>;
  };
  const locked = new Set(
    Object.entries(lock.packages).map(
      ([path, { version }]) => `${path.split('node_modules/').at(-1)}@${version}`,
    ),
  );
  const wanted = Object.values(lock.packages)
    .flatMap(({ optionalDependencies = {} }) => Object.entries(optionalDependencies))
    .filter(([, version]) => /^\d/.test(version))
    .map(([name, version]) => `${name}@${version}`);
  expect(wanted.length).toBeGreaterThan(20);
  expect(wanted.filter((one) => !locked.has(one))).toEqual([]);
});
