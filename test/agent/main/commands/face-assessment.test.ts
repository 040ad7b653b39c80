import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FaceFacts } from '../../../../agent/app/faces/keeping.ts';
import type { Policy, StaffId } from '../../../../agent/contract/index.ts';
import { defaultPolicy } from '../../../../agent/domain/auth-policy/default-policy.ts';
import { registerFace } from '../../../../agent/main/commands/face.ts';
import { assessmentHtml } from '../../../../agent/main/commands/face-assessment-html.ts';
import { DEFAULT_MODEL } from '../../../../drivers/face/default-model.ts';
import { type FaceTill, startFaceTill } from '../../../support/face-till.ts';
import { must } from '../../../support/hq-database.ts';
import { runCommand } from '../../../support/run-command.ts';
import { MANAGER, nameOf } from '../../../support/small-chain.ts';

let till: FaceTill;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tillside-assessment-'));
  till = await startFaceTill({ browserScreens: false });
  must(await till.headless.till.signIn(MANAGER.staffId as StaffId, MANAGER.pin));
  await till.enrol(0, 'chain');
  till.set({ retentionDays: 200, storeText: { 'zh-CN': '甲<b>乙', en: 'Recognise & greet' } });
}, 120_000);
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await till.close();
});

const run = (...args: string[]) =>
  runCommand(registerFace, ['face', 'assessment', ...args, '--data', till.dataDir]);
const facts = async (): Promise<FaceFacts> => must(await till.headless.till.faceKeeping.facts());

const { id, version } = DEFAULT_MODEL;
const POINT = { fmr: 0.001, threshold: 0.49, tmr: 0.912, ci95: [0.895, 0.927] };
const EVALUATION = {
  ...{ items: 1_573, failures: 35, model: { id, version } },
  ...{ eer: 0.011, eerCi95: [0.0067, 0.0187], points: [POINT] },
  meanOfThree: { eer: 0.004, eerCi95: [0.001, 0.01], points: [{ ...POINT, tmr: 0.981 }] },
  identification: {
    ...{ tpir: 0.675, tpirCi95: [0.64, 0.71], fpir: 0.0103, fpirCi95: [0.004, 0.0263] },
    ...{ wrong: 1, probes: 744 },
  },
};

/** A file of the folder with this content. */
function file(name: string, content: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

describe('till face assessment', () => {
  it('writes the settings in force as a page to print, marks what only the company can say, and names no member', async () => {
    const out = join(folder, 'zh.html');
    const { code, out: said } = await run('--out', out, '--json');
    expect(code).toBe(0);
    const html = readFileSync(out, 'utf8');
    const { toFill } = JSON.parse(said) as { toFill: number };
    expect(toFill).toBe(html.split('<mark>').length - 1);
    expect(toFill).toBeGreaterThan(8);
    expect(html).toContain('<html lang="zh-CN">');
    // What is set, escaped; counts; the model with its thresholds; no policy here.
    expect(html).toContain('甲&lt;b&gt;乙');
    expect(html).toContain('<td>200</td>');
    expect(html).toContain('<td>1 / 100000</td>');
    expect(html).toContain(`${id} ${version}`);
    expect(html).toContain(String(DEFAULT_MODEL.calibration.thresholds.fmr1e3));
    expect(html).toContain('人脸不提升级别');
    expect(html).toContain('未接入活体检测厂商');
    expect(html).not.toMatch(/member-\d/);
    expect(html).not.toContain(nameOf(0));
  }, 60_000);

  it('is in English where that is asked for, with the error rates of an evaluation', async () => {
    const out = join(folder, 'en.html');
    const measured = file('eval.json', EVALUATION);
    const { code, out: said } = await run('--out', out, '--lang', 'en', '--eval', measured);
    expect(code).toBe(0);
    expect(said).toContain('places for the company to fill in');
    const html = readFileSync(out, 'utf8');
    expect(html).toContain('Recognise &amp; greet');
    expect(html).toContain('<td>91.20 %</td><td>89.50 % - 92.70 %</td>');
    expect(html).toContain('<td>1 / 744</td>');
    // Nothing of the other language stands in it.
    expect(html.replaceAll(/[A-Za-z0-9\s\p{P}\p{S}]/gu, '')).toBe('');
  }, 60_000);

  it.each([
    ['not-json', 'broken.json', '{'],
    ['bad-evaluation', 'empty.json', {}],
    ['other-model', 'other.json', { ...EVALUATION, model: { id: 'other', version: '1' } }],
  ])(
    'refuses an evaluation that does not fit (%s), and writes nothing',
    async (code, name, content) => {
      const out = join(folder, 'refused.html');
      const done = await run('--out', out, '--eval', file(name, content), '--json');
      expect([done.code, JSON.parse(done.out)]).toMatchObject([2, { error: { code } }]);
      expect(existsSync(out)).toBe(false);
    },
    60_000,
  );

  it('says that a file cannot be written, that a language is none, and that no till runs', async () => {
    const nowhere = await run('--out', join(folder, 'none', 'a.html'), '--json');
    expect([nowhere.code, JSON.parse(nowhere.out)]).toMatchObject([
      2,
      { error: { code: 'not-written' } },
    ]);
    const away = await runCommand(registerFace, [
      ...['face', 'assessment', '--out', join(folder, 'b.html'), '--json', '--data', folder],
    ]);
    expect(JSON.parse(away.out)).toMatchObject({ error: { code: 'agent-not-running' } });
  }, 60_000);

  it('says what a face reaches by the policy, and what it does not suffice for', async () => {
    const certified = { product: 'acme 2.1 <x>', level: 'pad-2', until: '2099-01-01T00:00:00Z' };
    const ended = { ...certified, product: 'acme 1.0', until: '2020-01-01T00:00:00Z' };
    const policy = { ...defaultPolicy, faceDetectors: [certified, ended] } as Policy;
    const html = assessmentHtml({ facts: { ...(await facts()), policy }, language: 'en' });
    expect(html).toContain('<td>card + face</td><td>verified</td>');
    expect(html).not.toContain('<td>card + PIN</td>');
    // Without the movements a face is a claim, with them it recognises; only a detector in force lifts it, whatever the row says.
    const row = '<td>pay with points (&le; CNY 50.00)</td><td>recognised</td>';
    expect(html).toContain(`${row}<td>no</td><td>yes</td><td>yes</td></tr>`);
    expect(html).toContain('acme 2.1 &lt;x&gt; (pad-2, until 2099-01-01T00:00:00Z) says living');
    expect(html).not.toContain('acme 1.0');
    const enrol = '<td>enrol face or finger</td><td>verified</td><td>no</td><td>no</td>';
    expect(html).toContain(`${enrol}<td>yes</td></tr>`);
    const none = assessmentHtml({
      facts: { ...(await facts()), policy: defaultPolicy },
      language: 'en',
    });
    expect(none).toContain(`${enrol}</tr>`);
    const strict = { ...policy, levels: policy.levels.slice(0, 5) };
    const only = assessmentHtml({ facts: { ...(await facts()), policy: strict }, language: 'en' });
    expect(only).toContain(`${enrol}<td>no</td></tr>`);
  });

  it('is whole without setting, rules and model, and asks for them', async () => {
    const bare = { ...(await facts()), setting: null, policy: null, model: null };
    const html = assessmentHtml({ facts: bare, language: 'en' });
    expect(html).toContain('till hq setting face');
    expect(html).toContain('No model can be used.');
    expect(html).toContain('a face lifts no level');
    const pack = { ...(await facts()) };
    expect(pack.model).not.toBeNull();
    const own = { ...pack, model: pack.model && { ...pack.model, isPack: true } };
    expect(assessmentHtml({ facts: own, language: 'en' })).toContain('licence and origin');
  });
});
