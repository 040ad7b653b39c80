import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { registerAccuracy } from '../../../../sync/hq/commands/accuracy.ts';
import { systemTimers } from '../../../../sync/hq/system-timers.ts';
import { askHq, HQ_START_LIMIT_MS, startTestHq } from '../../../support/hq.ts';
import { runCommand } from '../../../support/run-command.ts';

/** Programs that have to share two cores with other tests may take their time. */
vi.setConfig({ testTimeout: 120_000 });

const TILL = fileURLToPath(new URL('../../../../agent/main/till.ts', import.meta.url));
const SYSTEM = {
  nowMs: () => Date.now(),
  random: (bytes: number) => new Uint8Array(randomBytes(bytes)),
  timers: systemTimers,
  version: '0.0.0-test',
};
const TODAY = new Date().toISOString().slice(0, 10);

/** Ten sales of one store that were looked at; `wrong` of them were not accurate. */
function checked(storeId: string, wrong: number, day: string): string {
  return `
    INSERT INTO evaluations_checked (till_id, incarnation, seq, sale_id, store_id, business_day, week, at_ms,
        checked_at_ms, engine, accurate, cause)
      SELECT '${storeId}-1', 'incarnation-1', n, 'sale-' || n, '${storeId}', '${day}', '2026-W47', n, n, 'equal',
        n > ${wrong}, CASE WHEN n <= ${wrong} THEN 'member-stale' END
      FROM generate_series(1, 10) AS n;`;
}

describe('`till hq accuracy`', () => {
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tillside-accuracy-'));
    const hq = await startTestHq({
      database: { kind: 'pglite', folder: join(folder, 'hq', 'db') },
      keysFolder: join(folder, 'hq', 'keys'),
    });
    await hq.deps.db.script(checked('s1', 1, '2026-11-20') + checked('s2', 2, '2026-11-20'));
    await hq.deps.db.script(checked('s9', 0, TODAY));
    await hq.deps.db.query(
      `UPDATE evaluations_checked SET engine = 'different', cause = 'engine-differs', accurate = false
       WHERE store_id = 's9' AND seq = 1`,
    );
    const metrics = (await askHq(hq, '/metrics')).bytes.toString('utf8');
    expect(metrics).toMatch(/^tillside_hq_trigger_accuracy_ratio 0\.\d+$/m);
    expect(metrics).toMatch(/^tillside_hq_trigger_inaccurate_sales\{cause="engine-differs"\} 1$/m);
    expect(metrics).toMatch(/^tillside_hq_engine_different_sales 1$/m);
    await hq.close();
  }, HQ_START_LIMIT_MS);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** What it prints, and its exit code. */
  async function accuracy(...args: string[]): Promise<{ code: number; stdout: string }> {
    const { code, out } = await runCommand((all) => registerAccuracy(all, SYSTEM), whole(args));
    return { code, stdout: out };
  }
  /** The same in a process of its own. */
  function program(...args: string[]) {
    return new Promise<{ code: number; stdout: string }>((resolve) => {
      execFile(process.execPath, [TILL, 'hq', ...whole(args)], (error, stdout) =>
        resolve({ code: Number(error?.code ?? 0), stdout }),
      );
    });
  }
  const whole = (args: readonly string[]) => [
    ...['accuracy', '--data', join(folder, 'hq'), '--database', 'pglite'],
    ...args,
  ];
  const DAYS = ['--from', '2026-11-16', '--to', '2026-11-22'];

  test('ends with 0 where each store reaches nine in ten, and with 1 where one does not', async () => {
    const one = await accuracy('--store', 's1', ...DAYS, '--json');
    expect(one.code).toBe(0);
    expect(JSON.parse(one.stdout)).toMatchObject({
      floor: 0.9,
      waiting: 0,
      total: { sales: 10, accurate: 9, rate: 0.9, causes: { 'member-stale': 1 } },
      rows: [{ storeId: 's1', week: '2026-W47' }],
    });
    const all = await program('--from', '2026-11-20', '--to', '2026-11-20');
    expect(all.code).toBe(1);
    expect(all.stdout).toMatch(/2026-W47 {2}s2 .* 80\.00 % .* 8\/10 {2}member-stale 2/);
  });

  test('ends with 1 where the engine differs, however accurate the rest is', async () => {
    const { code, stdout } = await accuracy('--store', 's9');
    expect(code).toBe(1);
    expect(stdout).toContain('90.00 %');
    expect(stdout).toContain('ENGINE DIFFERS 1');
  });

  test('says where there is nothing, and refuses days that are none', async () => {
    const none = await accuracy('--store', 'nowhere', '--json');
    expect(none.code).toBe(0);
    expect(JSON.parse(none.stdout)).toMatchObject({ rows: [], total: { sales: 0, rate: null } });
    expect((await accuracy('--from', 'yesterday', '--json')).code).toBe(2);
    const turned = await accuracy('--from', '2026-11-22', '--to', '2026-11-16', '--json');
    expect(turned.code).toBe(2);
    expect(JSON.parse(turned.stdout).error).toMatchObject({ code: 'invalid-input' });
  });
});
