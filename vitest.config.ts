import { defineConfig } from 'vitest/config';
import { totalsReporter } from './scripts/totals-reporter.ts';

/** The long tests run alone, by `npm run test:long`: they would bury the failures of the fast ones. */
const long = process.env['TILLSIDE_LONG'] === '1';

const suffix = long ? 'long.test' : 'test';
const shapes = (folder: string): string[] => [`${folder}/**/*.${suffix}.{ts,tsx}`];
const notHere = long ? [] : ['test/**/*.long.test.{ts,tsx}'];

/** Folders whose tests are of functions alone: their files share modules, which take longer to load than the tests. */
const pureFolders = ['test/agent/domain', 'test/sync/publish'];

/** Folders whose tests start processes, browsers or devices and therefore have longer limits. */
const heavyFolders = ['system', 'browser', 'devices'];

/** Heavy folders whose files share nothing: ports, folders and profiles are each test's own. */
const sideBySideFolders = ['system', 'browser'];

/** The exception: these build the desktop program into `dist/desktop` and run it from there. */
const desktopBuilders = ['test/system/desktop-*.test.ts', 'test/system/register-at-screen.test.ts'];

/** The desktop program itself, driven where `npm run test:desktop` has found an Electron program. */
const desktopFolders = process.env['TILLSIDE_ELECTRON'] === undefined ? [] : ['desktop'];

const timeouts = (testTimeoutMs: number) => ({
  testTimeout: long ? 60 * 60_000 : testTimeoutMs,
  hookTimeout: long ? 10 * 60_000 : testTimeoutMs,
});

export default defineConfig({
  test: {
    // Two test files at a time: the tills that run this have two cores.
    maxWorkers: 2,
    pool: 'forks',
    reporters: [process.env['GITHUB_ACTIONS'] ? 'github-actions' : 'dot', totalsReporter()],
    passWithNoTests: false,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: shapes('test'),
          exclude: [
            ...[...heavyFolders, 'desktop'].map((folder) => `test/${folder}/**`),
            ...pureFolders.map((folder) => `${folder}/**`),
            ...notHere,
          ],
          ...timeouts(20_000),
        },
      },
      {
        extends: true,
        test: {
          name: 'pure',
          include: pureFolders.flatMap(shapes),
          exclude: notHere,
          isolate: false,
          ...timeouts(20_000),
        },
      },
      ...[...heavyFolders, ...desktopFolders].map((folder) => ({
        extends: true as const,
        test: {
          name: folder,
          include: shapes(`test/${folder}`),
          exclude: [...desktopBuilders, ...notHere],
          // After the fast tests, two files at a time: programs that start leave a core idle while they wait. Files
          // with devices run alone, and so do the long tests, some of which report times.
          ...(!long && sideBySideFolders.includes(folder)
            ? { sequence: { groupOrder: 1 } }
            : { fileParallelism: false }),
          ...timeouts(120_000),
        },
      })),
      ...(long
        ? []
        : [
            {
              extends: true as const,
              test: {
                name: 'desktop-builders',
                include: desktopBuilders,
                fileParallelism: false,
                ...timeouts(120_000),
              },
            },
          ]),
    ],
  },
});
