import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { registerFace } from '../../../../sync/hq/commands/face.ts';
import { systemTimers } from '../../../../sync/hq/system-timers.ts';
import { HQ_START_LIMIT_MS, startTestHq } from '../../../support/hq.ts';
import { runCommand } from '../../../support/run-command.ts';

/** Programs that have to share two cores with other tests may take their time. */
vi.setConfig({ testTimeout: 120_000 });

const SYSTEM = {
  nowMs: () => Date.now(),
  random: (bytes: number) => new Uint8Array(randomBytes(bytes)),
  timers: systemTimers,
  version: '0.0.0-test',
};
const TEMPLATE = 'ab'.repeat(16);

describe('`till hq face`', () => {
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tillside-face-command-'));
    const hq = await startTestHq({
      database: { kind: 'pglite', folder: join(folder, 'hq', 'db') },
      keysFolder: join(folder, 'hq', 'keys'),
    });
    await hq.deps.db.script(`
      INSERT INTO members (member_id, body) VALUES ('m-1', '{"memberId":"m-1"}'), ('m-2', '{"memberId":"m-2"}');
      INSERT INTO member_scopes VALUES ('m-1', 's1', 'home', 0);
      INSERT INTO face_templates VALUES ('${TEMPLATE}', 'm-1', 'm-1', 'store', 's1', '{}', 0);
      INSERT INTO tills (till_id, store_id, state) VALUES ('till-1', 's1', 'registered'), ('till-9', 's1', 'revoked');
      INSERT INTO face_holders VALUES ('${TEMPLATE}', 'till-1', 0, NULL), ('${TEMPLATE}', 'till-9', 0, NULL);`);
    await hq.close();
  }, HQ_START_LIMIT_MS);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const run = (...args: string[]) =>
    runCommand(
      (all) => registerFace(all, SYSTEM),
      [...args, '--data', join(folder, 'hq'), '--database', 'pglite'],
    );

  test('ends the templates of a member who asks, and shows which tills have yet to destroy them', async () => {
    const receipt = ['face', 'receipts', '--member', 'm-1'];
    const before = await run(...receipt);
    expect(before.code).toBe(0);
    expect(before.out).toContain('in use');
    const ended = await run(
      'face',
      'withdraw',
      '--member',
      'm-1',
      '--reason',
      'by phone',
      '--json',
    );
    expect(JSON.parse(ended.out)).toEqual({ ended: 1 });
    const after = await run(...receipt, '--json');
    expect(JSON.parse(after.out)).toMatchObject({
      templates: [
        {
          templateId: TEMPLATE,
          ended: { reason: 'withdrawn' },
          stores: ['s1'],
          tills: [
            { tillId: 'till-1', confirmedAt: null, isGone: false },
            { tillId: 'till-9', confirmedAt: null, isGone: true },
          ],
          destroyed: false,
        },
      ],
    });
    const told = (await run(...receipt)).out;
    expect(told).toMatch(/till-1 .*not yet$/m);
    expect(told).toMatch(/till-9 .*not yet.*revoked, cannot confirm$/m);
    const figures = await run('face', 'figures', '--json');
    expect(JSON.parse(figures.out)).toMatchObject({
      stored: 0,
      filing: 'clear',
      waitingTills: 2,
      waiting: [
        { tillId: 'till-1', templates: 1, isLate: false, isGone: false },
        { tillId: 'till-9', templates: 1, isLate: false, isGone: true },
      ],
    });
    expect((await run('face', 'figures')).out).toMatch(/have yet to confirm: 2\n {2}till-1/);
    const none = await run('face', 'receipts', '--member', 'm-2');
    expect(none.out).toContain('no template');
  });

  test('says so where there is no such member', async () => {
    const { code, out } = await run(
      'face',
      'withdraw',
      '--member',
      'm-9',
      '--reason',
      'x',
      '--json',
    );
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({ error: { code: 'member-unknown' } });
  });
});
