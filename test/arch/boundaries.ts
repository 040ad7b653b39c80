/** One area of the source and what it may reach: DESIGN section 2 as data. */
export interface Area {
  /** Folder, without a slash at the end; the longest folder that holds a file decides. */
  readonly folder: string;
  /** Areas that it may import, besides itself. */
  readonly imports: readonly string[];
  /** Areas that it may import for types only. */
  readonly typeImports?: readonly string[];
  /** Packages that it may import, or 'any'. */
  readonly packages: readonly string[] | 'any';
  /** Whether it may import `node:` modules. */
  readonly node: boolean;
  /** Why, as the end of the sentence "... because ...". */
  readonly because: string;
}

const kernel = 'agent/contract';

export const areas: readonly Area[] = [
  {
    folder: 'agent/contract',
    imports: [],
    packages: ['zod', '@orpc/contract'],
    node: false,
    because: 'the shared kernel depends on nothing of ours',
  },
  {
    folder: 'agent/domain',
    imports: [kernel],
    // Canonical JSON (RFC 8785): a pure function without dependencies.
    packages: ['canonicalize'],
    node: false,
    because: 'the domain is pure: it runs at the till, at HQ and in the browser alike',
  },
  {
    folder: 'agent/store',
    imports: [kernel, 'sync/protocol'],
    typeImports: ['agent/domain', 'sync/client/ports', 'sync/client/check-ports'],
    packages: 'any',
    node: true,
    because: 'the store keeps facts and decides nothing',
  },
  {
    folder: 'agent/app',
    imports: [kernel, 'agent/domain', 'agent/store'],
    typeImports: ['drivers/contract', 'sync/client/ports', 'sync/client/check-ports'],
    packages: 'any',
    node: true,
    because: 'use cases see devices and sync through ports only',
  },
  {
    folder: 'agent/api',
    imports: [kernel, 'agent/app'],
    packages: 'any',
    node: true,
    because: 'the API translates and leaves the work to the use cases',
  },
  {
    folder: 'agent/main',
    imports: [
      kernel,
      'agent/domain',
      'agent/store',
      'agent/app',
      'agent/api',
      'drivers/contract',
      'drivers',
      'drivers/face',
      'sync/protocol',
      'sync/client',
      'sync/client/ports',
      'sync/client/check-ports',
      'sync/rollout',
      'sync/hq',
      'demo',
    ],
    packages: 'any',
    node: true,
    because: 'this is the one place that picks implementations; screens come to it as files',
  },
  {
    folder: 'drivers/contract',
    imports: [],
    packages: [],
    node: false,
    because: 'what a device is knows neither members nor a platform',
  },
  {
    folder: 'drivers',
    imports: ['drivers/contract'],
    packages: 'any',
    node: true,
    because: 'a driver knows devices and no member',
  },
  {
    folder: 'drivers/face',
    imports: [],
    // Backends are passed in: a page and Node each load the build that fits them.
    packages: ['zod'],
    node: false,
    because: 'the face pipeline runs in a page worker too',
  },
  {
    folder: 'sync/protocol',
    imports: [kernel],
    packages: 'any',
    node: true,
    because: 'both sides of the wire share it',
  },
  {
    folder: 'sync/client',
    imports: [kernel, 'sync/protocol', 'sync/client/ports', 'sync/client/check-ports'],
    packages: 'any',
    node: true,
    because: 'sync decides nothing about a sale',
  },
  {
    folder: 'sync/client/ports',
    imports: [kernel, 'sync/protocol'],
    typeImports: ['sync/client/check-ports'],
    packages: [],
    node: false,
    because: 'ports are types that the store and the use cases implement',
  },
  {
    folder: 'sync/client/check-ports',
    imports: [kernel, 'sync/protocol'],
    typeImports: ['sync/client/ports'],
    packages: [],
    node: false,
    because: 'ports are types that the store and the use cases implement',
  },
  {
    folder: 'sync/rollout',
    imports: [kernel, 'sync/protocol'],
    packages: [],
    node: false,
    because: 'rollout planning is pure: HQ and the simulator share it',
  },
  {
    folder: 'sync/hq',
    imports: [kernel, 'agent/domain', 'sync/protocol', 'sync/rollout', 'demo'],
    packages: 'any',
    node: true,
    because: 'HQ shares one engine with the till and nothing else of it',
  },
  {
    folder: 'ui/kit',
    imports: [kernel],
    packages: 'any',
    node: false,
    because: 'components and formats know no program',
  },
  {
    folder: 'ui/app',
    imports: [kernel, 'ui/kit', 'drivers/face'],
    packages: 'any',
    node: false,
    because: 'screens see the agent through the contract',
  },
  {
    folder: 'ui/hq',
    imports: ['sync/protocol', 'ui/kit', kernel],
    packages: 'any',
    node: false,
    because: 'the console of HQ speaks the protocol and nothing else',
  },
  {
    folder: 'ui/pass',
    imports: ['sync/protocol', 'agent/domain', kernel],
    packages: ['uqr', 'vite', 'zod'],
    node: false,
    because:
      "the member's pass speaks the protocol, and writes its code by the pure domain as tills read it",
  },
  {
    folder: 'ui/shell',
    imports: [kernel],
    packages: 'any',
    node: true,
    because: 'the shell starts the program and knows nothing of its inside',
  },
  {
    folder: 'demo',
    imports: [kernel],
    packages: [],
    node: false,
    because: 'the demo chain is generated, the same on every machine',
  },
  {
    folder: 'scripts',
    imports: [],
    packages: 'any',
    node: true,
    because: 'helpers must run before anything else works',
  },
];

/** Build settings of a page run in Node, beside pages that do not, and may use what the scripts have. */
export const nodeFiles: readonly string[] = [
  'ui/app/vite.config.ts',
  'ui/hq/vite.config.ts',
  'ui/pass/vite.config.ts',
];

/** The one file that may gather exports of others. */
export const barrels: readonly string[] = ['agent/contract/index.ts'];

/** Folders whose files may read the clock and the random source of the machine. */
export const clockFolders: readonly string[] = ['agent/main', 'scripts'];

/** The files of the drivers' process and of the pages that read them, to pass them on. */
export const clockFiles: readonly string[] = [
  'drivers/system-env.ts',
  'ui/app/camera-codes/code-worker.ts',
  'ui/app/face-capture/browser-capture.ts',
  'ui/app/face-capture/capture-worker.ts',
  'ui/app/link-environment.ts',
  'ui/kit/browser-env.ts',
];

/** What `till simulate` runs in virtual time: nothing there may wait on the machine by itself. */
export const simulatedFolders: readonly string[] = [
  'agent/app',
  'agent/domain',
  'sync/client',
  'sync/hq',
  'sync/protocol',
];

/** The exceptions: they stand for the machine, or speak with a real database server. */
export const machineFiles: readonly string[] = [
  'sync/hq/system-timers.ts',
  'sync/hq/commands',
  'sync/hq/database',
];

/**
 * Files where a process or a page begins: nothing imports them, and they hand the clock and the
 * random source on. Pages in `index.html` and `new URL('./x.ts', import.meta.url)` are found alone.
 */
export const entries: readonly string[] = [
  'agent/main/start.ts',
  'agent/main/till.ts',
  'agent/main/utility.ts',
  'agent/store/checkpoint/checkpoint-worker.ts',
  'agent/store/integrity/integrity-worker.ts',
  'agent/store/snapshot/snapshot-worker.ts',
  'agent/main/face/gallery-worker.ts',
  'sync/hq/main.ts',
  'drivers/host-main.ts',
  'drivers/utility-main.ts',
  'ui/app/main.tsx',
  'ui/app/vite.config.ts',
  'ui/hq/main.tsx',
  'ui/hq/vite.config.ts',
  'ui/pass/main.ts',
  'ui/pass/sw.ts',
  'ui/pass/vite.config.ts',
  'ui/shell/main.ts',
  'ui/shell/preload.ts',
  'scripts/build-desktop.ts',
  'scripts/desktop.ts',
  'scripts/gs1-dictionary.ts',
  'scripts/test-desktop.ts',
  'scripts/run.ts',
  'scripts/help.ts',
  'scripts/test.ts',
  'scripts/totals-reporter.ts',
];

/** Folders that hold source, walked whole. */
export const sourceFolders: readonly string[] = [
  'agent',
  'drivers',
  'sync',
  'ui',
  'demo',
  'scripts',
];
