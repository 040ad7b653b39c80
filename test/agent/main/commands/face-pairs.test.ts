import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StaffId } from '../../../../agent/contract/index.ts';
import { registerFace } from '../../../../agent/main/commands/face.ts';
import { readComparisons } from '../../../../agent/main/commands/face-comparisons.ts';
import type { PairsReport } from '../../../../agent/main/commands/face-pairs.ts';
import {
  claimOf,
  type FaceTill,
  memberOf,
  startFaceTill,
  threeSeen,
} from '../../../support/face-till.ts';
import { must } from '../../../support/hq-database.ts';
import { runCommand } from '../../../support/run-command.ts';
import { MANAGER } from '../../../support/small-chain.ts';

const SCREEN = { kind: 'screen' } as const;
let till: FaceTill;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tillside-pairs-'));
  till = await startFaceTill({ browserScreens: false });
  must(await till.headless.till.signIn(MANAGER.staffId as StaffId, MANAGER.pin));
  await till.enrol(0);
  await till.enrol(1);
}, 120_000);
afterAll(async () => {
  await till.close();
  rmSync(folder, { recursive: true, force: true });
});

const run = (...args: string[]) =>
  runCommand(registerFace, ['face', ...args, '--data', till.dataDir]);

/** The nth member's card is shown, a face looked at, and a manager knows them. */
async function confirmed(nth: number, person: number): Promise<void> {
  const agent = till.headless.till;
  const identificationId = await claimOf(till.headless, nth);
  till.camera.wait();
  must(await agent.faces.start({ purpose: 'verify', by: 'cashier', identificationId }));
  await till.camera.begin();
  await till.camera.send({ kind: 'challenge', result: 'passed' }, ...threeSeen(person));
  const { staffId: managerId, pin } = MANAGER;
  const reason = 'a test knows them';
  const action = 'enrol-biometric';
  must(await agent.override(SCREEN, { identificationId, action, reason, managerId, pin }));
  must(await agent.releaseIdentification(SCREEN, identificationId));
}

/** As if the till had noted them on days one after the other. */
function note(count: number, own: (at: number) => number): void {
  const { store } = till.headless;
  const [row] = store.faces.ofMember(memberOf(0));
  if (row === undefined) throw new Error('enrolled');
  const { modelId, modelVersion } = row.template.model;
  const startMs = Date.parse('2026-01-01T00:00:00Z');
  for (let at = 0; at < count; at++)
    store.facePairs.add(row.template.templateId, {
      modelId,
      modelVersion,
      atMs: startMs + at * 86_400_000,
      own: own(at),
      other: null,
    });
}

describe('till face pairs', () => {
  it('writes what `till face calibrate` reads: two distances of each confirmed session, and no name', async () => {
    await confirmed(0, 0);
    await confirmed(1, 3);
    const out = join(folder, 'pairs.jsonl');
    const { code, out: said } = await run('pairs', '--out', out);
    expect([code, said.split('\n').slice(0, 2)]).toEqual([
      0,
      [
        'face-api-128 1.7.15',
        expect.stringMatching(
          /2 confirmed, [0-2] of them compared with somebody else as well; 0 of other models/,
        ),
      ],
    ]);
    const read = must(readComparisons(out));
    const same = read.filter((one) => one.same).map(({ distance }) => distance);
    expect(same).toEqual([expect.closeTo(0.05, 1), expect.closeTo(1.41, 1)]);
    expect(readFileSync(out, 'utf8')).not.toMatch(/member|template|face-api/);
    if (process.platform !== 'win32') expect(statSync(out).mode & 0o777).toBe(0o600);
    const calibrated = await runCommand(registerFace, ['face', 'calibrate', out]);
    expect(calibrated.out).toContain('2 comparisons of one person');
  });

  it('shows that recent distances have grown, and says so by its exit code', async () => {
    const before = must(till.headless.till.faceKeeping.pairs(0)).pairs.length;
    note(600, (at) => (at < 450 ? 0.3 : 0.4) + (at % 10) / 200);
    const { code, out } = await run('pairs', '--json');
    const report = JSON.parse(out) as PairsReport;
    expect(report).toMatchObject({ pairs: before + 600, otherModels: 0, out: null });
    expect([code, report.drift.verdict]).toEqual([1, 'farther']);
    expect((await run('pairs')).out).toContain('recent distances are larger');
  });

  it('leaves out what was compared by another model, and says how many', async () => {
    const { store } = till.headless;
    const [row] = store.faces.ofMember(memberOf(0));
    const pair = { modelId: 'older', modelVersion: '1', atMs: 0, own: 0.9, other: 0.95 };
    if (row !== undefined) store.facePairs.add(row.template.templateId, pair);
    const { out } = await run('pairs', '--json');
    expect(JSON.parse(out)).toMatchObject({ otherModels: 1 });
  });

  it('says where no file can be written, and where no till runs', async () => {
    expect((await run('pairs', '--out', join(folder, 'no', 'where'))).err).toContain(
      'The file could not be written',
    );
    const away = await runCommand(registerFace, ['face', 'pairs', '--data', folder]);
    expect(away.err).toContain('No till is running');
  });
});
