import { describe, expect, test } from 'vitest';
import { areas } from './boundaries.ts';
import { readPageEntries, readSources } from './read-sources.ts';
import * as rules from './rules.ts';
import { readSourceFile, type SourceFile } from './source-file.ts';

test('the suite runs on Node 24, the version that package.json brings', () => {
  expect(process.versions.node.split('.')[0]).toBe('24');
});

describe('the sources', () => {
  const sources = readSources();

  test('are found', () => {
    expect(sources.length).toBeGreaterThan(20);
  });

  test('import only what the table of areas allows', () => {
    expect(rules.boundaryViolations(sources)).toEqual([]);
  });

  test('name files that exist, with their extension', () => {
    expect(rules.unresolvedImports(sources)).toEqual([]);
  });

  test('name electron only in the shell', () => {
    expect(rules.electronViolations(sources)).toEqual([]);
  });

  test('have one barrel, the contract', () => {
    expect(rules.barrelViolations(sources)).toEqual([]);
  });

  test('take time and randomness as arguments', () => {
    expect(rules.clockViolations(sources)).toEqual([]);
  });

  test('wait on no timer of the machine where a simulation takes its place', () => {
    expect(rules.waitViolations(sources)).toEqual([]);
  });

  test('load without circles', () => {
    expect(rules.cycles(sources)).toEqual([]);
  });

  test('are each reached by a process, a page or a script', () => {
    expect(rules.unreachedFiles(sources, readPageEntries())).toEqual([]);
  });
});

describe('the table of areas', () => {
  test('names only areas that it describes', () => {
    const folders = new Set(areas.map(({ folder }) => folder));
    const named = areas.flatMap(({ imports, typeImports = [] }) => [...imports, ...typeImports]);
    expect(named.filter((folder) => !folders.has(folder))).toEqual([]);
  });

  test('lets no two areas import each other at load time', () => {
    const asFiles = areas.map(
      ({ folder, imports }): SourceFile => ({
        path: `${folder}/x.ts`,
        imports: imports.map((target) => ({
          specifier: `${'../'.repeat(folder.split('/').length)}${target}/x.ts`,
          kind: 'value',
        })),
        isBarrel: false,
        machineReads: [],
      }),
    );
    expect(rules.cycles(asFiles)).toEqual([]);
  });
});

describe('each rule refuses a planted violation', () => {
  const file = (path: string, text: string): SourceFile => readSourceFile(path, text);

  test.each([
    ['agent/domain/a.ts', `import { open } from '../store/open.ts';`, 'may not import agent/store'],
    ['agent/domain/a.ts', `export { open } from '../store/open.ts';`, 'may not import agent/store'],
    ['agent/domain/a.ts', `export * from '../store/open.ts';`, 'may not import agent/store'],
    ['agent/domain/a.ts', `await import('../store/open.ts');`, 'may not import agent/store'],
    ['agent/domain/a.ts', `type A = import('../store/open.ts').A;`, 'may not import agent/store'],
    [
      'agent/domain/a.ts',
      `import type { A } from '../store/open.ts';`,
      'may not import agent/store',
    ],
    ['agent/domain/a.ts', `import { z } from 'zod';`, 'may not import the package zod'],
    ['agent/domain/a.ts', `import { hash } from 'node:crypto';`, 'may not import node:crypto'],
    ['agent/contract/a.ts', `import { x } from '@orpc/server/node';`, 'the package @orpc/server'],
    ['drivers/contract/a.ts', `import { a } from '../scanner/a.ts';`, 'may not import drivers'],
    [
      'drivers/scanner/a.ts',
      `import { m } from '../../agent/contract/member.ts';`,
      'agent/contract',
    ],
    ['agent/app/a.ts', `import { a } from '../../drivers/contract/a.ts';`, 'may import only types'],
    ['agent/api/a.ts', `import { a } from '../store/a.ts';`, 'may not import agent/store'],
    ['ui/app/a.tsx', `const a = <b />; import { a } from '../../agent/app/a.ts';`, 'agent/app'],
    ['ui/app/a.ts', `new Worker(new URL('../../agent/app/a.ts', import.meta.url));`, 'agent/app'],
    ['sync/hq/a.ts', `import { a } from '../../test/support/a.ts';`, 'outside the folders'],
    ['elsewhere/a.ts', `const a = 1;`, 'lies in no folder'],
  ])('%s with %s', (path, text, sentence) => {
    expect(rules.boundaryViolations([file(path, text)])).toEqual([
      expect.stringContaining(sentence),
    ]);
  });

  test('and lets pass what the table allows', () => {
    const allowed = [
      file('agent/app/a.ts', `import type { D } from '../../drivers/contract/a.ts';`),
      file('agent/app/b.ts', `import { type D } from '../../drivers/contract/a.ts';`),
      file('agent/store/a.ts', `import type { P } from '../../sync/client/ports.ts';`),
      file('agent/main/a.ts', `import { a } from '../../sync/hq/a.ts'; import 'node:fs';`),
      file('drivers/sim/a.ts', `import { a } from '../scanner/frame.ts';`),
    ];
    expect(rules.boundaryViolations(allowed)).toEqual([]);
  });

  test('an import that names no file', () => {
    const sources = [
      file('demo/a.ts', `import './b.ts'; import './c.js'; import './d';`),
      file('demo/b.ts', `export const b = 1;`),
    ];
    expect(rules.unresolvedImports(sources)).toHaveLength(2);
  });

  test('electron named for a type alone', () => {
    const text = `import type { App } from 'electron';`;
    expect(rules.electronViolations([file('agent/main/a.ts', text)])).toHaveLength(1);
    expect(rules.electronViolations([file('ui/shell/a.ts', text)])).toEqual([]);
  });

  test('a second barrel', () => {
    const text = `export * from './a.ts'; export { b } from './b.ts';`;
    expect(rules.barrelViolations([file('agent/app/index.ts', text)])).toHaveLength(1);
    expect(rules.barrelViolations([file('agent/contract/index.ts', text)])).toEqual([]);
  });

  test.each([
    'Date.now()',
    'new Date()',
    'Date()',
    'Math.random()',
    '{ now: Date.now }',
    'performance.now()',
  ])('the use of %s in the domain', (use) => {
    const text = `const a = ${use};`;
    expect(rules.clockViolations([file('agent/domain/a.ts', text)])).toHaveLength(1);
    expect(rules.clockViolations([file('agent/main/a.ts', text)])).toEqual([]);
  });

  test('and lets pass a date made from a given instant', () => {
    expect(rules.clockViolations([file('agent/domain/a.ts', 'new Date(ms);')])).toEqual([]);
  });

  test.each(['setTimeout(run, 5)', 'setInterval(run, 5)', 'setImmediate(run)', 'fetch(url)'])(
    'the use of %s where a simulation runs',
    (use) => {
      const text = `const a = ${use};`;
      expect(rules.waitViolations([file('sync/client/a.ts', text)])).toHaveLength(1);
      expect(rules.waitViolations([file('agent/main/a.ts', text)])).toEqual([]);
    },
  );

  test('a circle of three files, while types may go round', () => {
    const circle = (last: string): SourceFile[] => [
      file('demo/a.ts', `import { b } from './b.ts';`),
      file('demo/b.ts', `import { c } from './c.ts';`),
      file('demo/c.ts', last),
    ];
    expect(rules.cycles(circle(`import { a } from './a.ts';`))).toEqual([
      'demo/a.ts -> demo/b.ts -> demo/c.ts -> demo/a.ts',
    ]);
    expect(rules.cycles(circle(`import type { A } from './a.ts';`))).toEqual([]);
  });

  test('a file that nothing reaches', () => {
    const sources = [
      file('agent/main/till.ts', `new URL('./child.ts', import.meta.url); import('./lazy.ts');`),
      file('agent/main/child.ts', `export {};`),
      file('agent/main/lazy.ts', `export {};`),
      file('agent/main/forgotten.ts', `import './lazy.ts';`),
    ];
    expect(rules.unreachedFiles(sources, [])).toEqual([
      'agent/main/forgotten.ts is reached by no process, page or script',
    ]);
  });
});
