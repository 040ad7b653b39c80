import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MemberFaces } from '../../../../agent/app/faces/keeping.ts';
import type { FaceOverview, StaffId } from '../../../../agent/contract/index.ts';
import { registerFace } from '../../../../agent/main/commands/face.ts';
import { memberText } from '../../../../agent/main/commands/face-member-text.ts';
import { overviewText } from '../../../../agent/main/commands/face-status-text.ts';
import { needsAttention } from '../../../../agent/main/commands/face-till.ts';
import { type FaceTill, memberOf, startFaceTill } from '../../../support/face-till.ts';
import { must } from '../../../support/hq-database.ts';
import { runCommand } from '../../../support/run-command.ts';
import { MANAGER } from '../../../support/small-chain.ts';

let till: FaceTill;
beforeAll(async () => {
  till = await startFaceTill({ browserScreens: false });
  must(await till.headless.till.signIn(MANAGER.staffId as StaffId, MANAGER.pin));
  await till.enrol(0, 'chain');
}, 120_000);
afterAll(() => till.close());

const run = (...args: string[]) =>
  runCommand(registerFace, ['face', ...args, '--data', till.dataDir]);

describe('till face status', () => {
  it('says how faces are used, what lies here and what waits, one fact a line', async () => {
    const { code, out } = await run('status');
    expect(code).toBe(0);
    expect(out.split('\n').slice(0, 4)).toEqual([
      'use: 使用中 / in use',
      'model: face-api-128 1.7.15',
      'templates: 1 of 100000 (filing limit); 1 usable, 0 without key, 0 damaged, 0 of another model',
      'keys: 1 kept, 0 destroyed',
    ]);
    expect(out).toContain('session: enrol, done');
    expect(out).toContain('attempts without success: 0 of 30 in 15 min');
  });

  it('prints one object with --json', async () => {
    const { code, out } = await run('status', '--json');
    expect([code, (JSON.parse(out) as FaceOverview).stored]).toEqual([0, 1]);
  });

  it('ends with 1 where somebody has to see to it', async () => {
    const overview = must(await till.headless.till.faceKeeping.overview());
    expect(needsAttention(overview)).toBe(false);
    const { limit, ends, templates } = overview;
    expect(needsAttention({ ...overview, stored: limit })).toBe(true);
    expect(needsAttention({ ...overview, ends: { ...ends, unfinished: 1 } })).toBe(true);
    expect(needsAttention({ ...overview, templates: { ...templates, damaged: 1 } })).toBe(true);
  });

  it('names the ends that headquarters has not heard of', async () => {
    const overview = must(await till.headless.till.faceKeeping.overview());
    const end = {
      withdrawalId: 'face-1',
      at: '2026-11-23T09:00:00.000Z',
      reason: 'withdrawn',
      channel: 'staff',
      destroyed: 2,
    } as const;
    const ends = { waiting: [end], waitingInAll: 1, unfinished: 0 };
    expect(overviewText({ ...overview, ends })).toContain(
      '  2026-11-23T09:00:00.000Z withdrawn (staff), 2 destroyed, face-1',
    );
  });

  it('says that no till runs, and what to do', async () => {
    const empty = mkdtempSync(join(tmpdir(), 'tillside-none-'));
    const { code, out, err } = await runCommand(registerFace, [
      ...['face', 'status', '--json', '--data', empty],
    ]);
    rmSync(empty, { recursive: true });
    expect(code).toBe(2);
    expect(JSON.parse(out)).toMatchObject({ error: { code: 'agent-not-running' } });
    expect(err).toContain('till run --data DIR');
  });
});

describe('till face member', () => {
  it('says what is held of one member: consent and template, and no numbers', async () => {
    const { code, out } = await run('member', memberOf(0));
    expect(code).toBe(0);
    expect(out).toMatch(
      /^member-0\ntemplate [0-9a-f]{32}: chain, face-api-128 1\.7\.15, enrolled .* at store-1\/till-1, last seen never, key here, 0 distances noted\nconsent .*: chain, text f1 \(zh-CN\), .* at store-1\/till-1, customer-screen, witness m1\n$/,
    );
    const held = JSON.parse((await run('member', memberOf(0), '--json')).out) as MemberFaces;
    expect(held.held.templates).toHaveLength(1);
    expect(JSON.stringify(held)).not.toContain('sealed');
  });

  it('says so where nothing is held, or the member is not known', async () => {
    expect((await run('member', memberOf(3))).out).toContain('holds nothing of this face');
    expect((await run('member', 'nobody')).out).toContain('nobody (not known here)');
  });

  it('gives the receipt of what has ended', () => {
    const receipt = {
      withdrawalId: 'face-1',
      at: '2026-11-23T09:00:00.000Z',
      destroyed: 1,
      waitingTills: null,
      effect: { 'zh-CN': '密钥已销毁', en: 'The key is destroyed' },
      text: { 'zh-CN': '已撤回', en: 'It is withdrawn' },
      reason: 'withdrawn',
      isWaiting: true,
    } as const;
    const said = memberText({
      memberId: memberOf(0),
      servedAs: memberOf(1),
      held: { consents: [], templates: [] },
      receipts: [receipt],
    });
    expect(said).toBe(
      'member-0 (now member-1)\nreceipt face-1 (withdrawn, headquarters has yet to hear of it): 已撤回 / It is withdrawn',
    );
  });
});
