import { appendFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { importFile } from '../../../../sync/hq/import/import-file.ts';
import { describeOnEngines, must } from '../../../support/hq-database.ts';
import { stateOf, testDeps, testFolder } from './import-support.ts';
import { killable } from './import-under-kills.ts';
import { fileOf, keysOf, lineOf, proofOf, trueRow, trueRows } from './proof-support.ts';
import { runImport } from './run-import.ts';
import { runProof } from './run-proof.ts';

const ROWS = 4_000;

describeOnEngines('a migration of 4,000 members whose programs are killed', (hq) => {
  it('is named short by exactly what a killed import had not written, and whole once that went on; a killed proof leaves nothing', {
    timeout: 400_000,
  }, async () => {
    const path = fileOf(trueRows(ROWS));
    const { config, open } = await killable(hq, testFolder());
    await runImport(config, path, { killAfter: { rows: 1_500, delayMs: 5 } });
    const half = await runProof(config, path);
    const first = await open();
    const [{ n = 0 } = {}] = await first.query<{ n: number }>(
      'SELECT count(*)::int AS n FROM members',
    );
    // On a server both are one pool.
    if (hq.engine === 'pglite') await first.close();
    expect([n >= 1_500, n < ROWS]).toEqual([true, true]);
    expect(half.summary).toMatchObject({
      verdict: 'fail',
      counts: { missing: ROWS - n, extra: 0, changed: 0, unreadable: 0, duplicate: 0 },
    });

    // Killed while it reads, and while it compares.
    for (const killAt of [/^rows [23]000/, /^compared 1\d{3}/]) {
      const killed = await runProof(config, path, { killAt });
      expect(killed.summary).toBeUndefined();
      expect(killed.said.some((line) => killAt.test(line))).toBe(true);
    }
    await runImport(config, path);
    const whole = await runProof(config, path);
    expect(whole.summary).toMatchObject({ verdict: 'pass', keys: ROWS });

    const db = await open();
    expect(await db.query('SELECT verdict FROM import_proofs ORDER BY proof_id')).toEqual([
      { verdict: 'fail' },
      { verdict: 'pass' },
    ]);
    expect(
      await db.query(
        "SELECT relname FROM pg_class WHERE relname LIKE 'proof%' AND relpersistence = 't'",
      ),
    ).toEqual([]);
    const before = await stateOf(db);

    // The source goes on: what changed there meanwhile is named, brought by the same file grown, and whole again.
    appendFileSync(
      path,
      `${lineOf(trueRow(ROWS + 1))}\r\n${lineOf({ ...trueRow(5), 等级: 'silver' })}\r\n`,
    );
    const deps = testDeps(db);
    const grown = await proofOf(deps, { path, acceptDuplicates: true });
    expect([keysOf(grown.findings, 'missing'), keysOf(grown.findings, 'changed')]).toEqual([
      [`m-${ROWS + 1}`],
      ['m-5'],
    ]);
    expect(await stateOf(db)).toEqual(before);
    must(await importFile(deps, { kind: 'members', path, only: { rowNos: grown.rowsToFix } }));
    const again = await proofOf(deps, { path, acceptDuplicates: true });
    expect(again.summary.verdict).toBe('pass');
    await db.close();
  });
});
