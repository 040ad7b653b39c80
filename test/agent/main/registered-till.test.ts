import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { tillConfigSchema } from '../../../agent/main/config.ts';
import { startHeadless } from '../../../agent/main/headless.ts';
import { openLocked } from '../../../agent/main/open-locked.ts';
import { FIRST_COPY_MAX_MS } from '../../../agent/main/open-till.ts';
import { smallChain } from '../../support/small-chain.ts';
import { startOf, testSnapshot } from '../../support/snapshots.ts';
import { prepareTillFolder, runTill, spawnTill, type TillFolder } from '../../support/till.ts';
import { startScriptedHq } from '../../sync/client/scripted-hq.ts';
import { until } from '../../sync/client/virtual-time.ts';

/** The folder of a till that is registered at a headquarters which is away. */
async function registered(): Promise<TillFolder> {
  const hq = await startScriptedHq();
  const folder = prepareTillFolder({ chain: smallChain(3) });
  onTestFinished(() => folder.remove());
  await withStore(folder, (store) => store.sync.register(hq.registration()));
  await hq.close();
  return folder;
}

function withStore<T>(
  { dataDir, keyFile }: TillFolder,
  use: (store: Extract<ReturnType<typeof openLocked>, { ok: true }>['value']['store']) => T,
): T {
  const opened = openLocked(dataDir, keyFile, undefined);
  if (!opened.ok) throw new Error(opened.error.code);
  try {
    return use(opened.value.store);
  } finally {
    opened.value.store.close();
    opened.value.lock.release();
  }
}

test('till load is refused at a registered till and says where members come from; nothing is written', async () => {
  const folder = await registered();
  const { code, stdout } = await runTill([
    'load',
    join(folder.root, 'chain.json'),
    ...['--config', folder.configFile, '--data', folder.dataDir, '--key-file', folder.keyFile],
    '--json',
  ]);
  expect([code, JSON.parse(stdout).error]).toMatchObject([
    2,
    {
      code: 'till-registered',
      remedy: {
        'zh-CN': expect.stringContaining('till hq import'),
        en: expect.stringContaining('till hq import'),
      },
    },
  ]);
  expect(withStore(folder, (store) => store.members.byId('member-1' as never))).toBeUndefined();
});

test('the rule set file of the settings is not read at a registered till, and is elsewhere', async () => {
  const ruleSetFile = (folder: TillFolder): string => join(folder.root, 'rules.json');
  const start = (folder: TillFolder) => {
    writeFileSync(ruleSetFile(folder), 'no rule set');
    return startHeadless({
      config: tillConfigSchema.parse({ port: 0, ruleSetFile: ruleSetFile(folder) }),
      dataDir: folder.dataDir,
      keyFile: folder.keyFile,
      logLevel: 'silent',
    });
  };
  const alone = prepareTillFolder({});
  onTestFinished(() => alone.remove());
  expect((await start(alone)).ok).toBe(false);

  const started = await start(await registered());
  expect(started.ok).toBe(true);
  if (started.ok) await started.value.close();
});

test.each(['SIGINT', 'SIGTERM'] as const)(
  'till run that gets %s while its first copy comes down ends in order at once',
  async (signal) => {
    const hq = await startScriptedHq();
    onTestFinished(() => hq.close());
    const { timeline } = hq;
    hq.on('/v1/snapshots', (_, reply) => reply.json(startOf(testSnapshot(4), 100, timeline)));
    hq.on('/v1/segments', () => undefined);
    const folder = prepareTillFolder({});
    onTestFinished(() => folder.remove());
    await withStore(folder, (store) => store.sync.register(hq.registration()));
    const child = spawnTill([
      'run',
      ...['--config', folder.configFile, '--data', folder.dataDir, '--key-file', folder.keyFile],
      '--json',
    ]);
    onTestFinished(() => void child.kill('SIGKILL'));
    const exited = once(child, 'exit');
    await until(() => hq.count('/v1/segments') > 0);
    child.kill(signal);
    expect(await exited).toEqual([0, null]);
  },
  FIRST_COPY_MAX_MS / 2,
);
