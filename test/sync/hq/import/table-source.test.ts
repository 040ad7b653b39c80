import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text as streamText } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import type { HqDatabase } from '../../../../sync/hq/database/database.ts';
import { importFile } from '../../../../sync/hq/import/import-file.ts';
import type { TableAddress } from '../../../../sync/hq/import/table-source.ts';
import { describeOnEngines, type HqDatabases, must } from '../../../support/hq-database.ts';
import {
  membersOf,
  pointsOf,
  problemsOf,
  testDeps,
  testFolder,
  withStores,
} from './import-support.ts';
import { proofOf } from './proof-support.ts';

const HQ = fileURLToPath(new URL('../../../../sync/hq/main.ts', import.meta.url));

const TABLE = `
  CREATE SCHEMA crm;
  CREATE TABLE crm.members_old (
    id bigint, full_name text, mobile numeric(20), cards text[], level text, born date, store text,
    points integer, changed timestamptz, secret bytea
  );
  INSERT INTO crm.members_old
    SELECT n, '会员 ' || n, 13900000000 + n, ARRAY['29' || n || '00', '28' || n || '00'], 'gold', date '1990-05-31', 'sh-01',
      n * 10, timestamptz '2026-10-01 08:00+08' + n * interval '1 hour', '\\x00'
    FROM generate_series(1, 2500) AS n;
  CREATE VIEW crm.members AS SELECT id, full_name, mobile, cards, level, born, store, points, changed FROM crm.members_old;
`;
const MAPPING = { born: 'birthday', changed: 'updatedAt', mobile: 'phone' };

async function twoDatabases(
  hq: HqDatabases,
): Promise<{ db: HqDatabase; old: HqDatabase; table: TableAddress }> {
  const [db, old] = [await hq.fresh(), await hq.fresh({ migrated: false })];
  await withStores(db);
  await old.script(TABLE);
  return {
    db,
    old,
    table: { url: hq.urlOf(old), table: 'crm.members', timeZone: 'Asia/Shanghai' },
  };
}

describeOnEngines(
  'an import from a table of PostgreSQL',
  (hq) => {
    const options = (table: TableAddress) =>
      ({ kind: 'members', path: 'crm', table, mapping: MAPPING }) as const;

    it('takes a view with long numbers, lists, days and times as a file would bring them, once, and proves it', async () => {
      const { db, old, table } = await twoDatabases(hq);
      const deps = testDeps(db);
      const done = must(await importFile(deps, options(table)));
      expect(done).toMatchObject({ rowsRead: 2_500, rowsAdded: 2_500, format: 'postgresql' });
      expect((await membersOf(db))['7']).toMatchObject({
        name: '会员 7',
        phone: '13900000007',
        cards: ['29700', '28700'],
        tier: 'gold',
        birthday: '1990-05-31',
        homeStoreId: 'sh-01',
        updatedAt: '2026-10-01T07:00:00.000Z',
      });
      expect((await pointsOf(db))['7']).toBe(70);
      const twice = must(await importFile(deps, options(table)));
      expect([twice.before, twice.rowsRead]).toEqual([true, 2_500]);
      expect((await proofOf(deps, options(table))).summary.verdict).toBe('pass');
      await old.query("UPDATE crm.members_old SET level = 'standard' WHERE id = 7");
      await old.query('DELETE FROM crm.members_old WHERE id = 8');
      await old.query("INSERT INTO crm.members_old SELECT 9000, '新', 13700000000, '{}', 'gold'");
      const changed = await proofOf(deps, options(table));
      expect(changed.findings.map(({ kind, key, fields }) => [kind, key, fields])).toEqual(
        [
          ['extra', '8', []],
          ['changed', '7', ['tier']],
          ['missing', '9000', []],
        ].sort((a, b) => Number(a[0] !== 'extra') - Number(b[0] !== 'extra')),
      );
    });

    it('reads only what a column that grows says is later, and the proof afterwards is exact', async () => {
      const { db, old, table } = await twoDatabases(hq);
      const deps = testDeps(db);
      const since = options({ ...table, since: { column: 'changed' } });
      expect(must(await importFile(deps, since)).rowsRead).toBe(2_500);
      await old.query(
        "UPDATE crm.members_old SET level = 'platinum', changed = timestamptz '2027-02-01 00:00+08' WHERE id IN (3, 4)",
      );
      // The last row seen and those beyond it.
      expect(must(await importFile(deps, since))).toMatchObject({ rowsRead: 3, rowsChanged: 2 });
      expect((await proofOf(deps, options(table))).summary.verdict).toBe('pass');
      await old.script('CREATE VIEW crm.nobody AS SELECT * FROM crm.members WHERE false');
      const empty = await proofOf(deps, {
        ...options({ ...table, table: 'crm.nobody' }),
        source: 'x',
      });
      expect(empty.summary, 'nothing compared proves nothing').toMatchObject({
        verdict: 'fail',
        keys: 0,
      });
      // A change that does not move the column is not read, and the proof says so.
      await old.query('UPDATE crm.members_old SET points = 1 WHERE id = 5');
      must(await importFile(deps, since));
      const { findings } = await proofOf(deps, options(table));
      expect(findings.map(({ key, fields }) => [key, fields])).toEqual([['5', ['points']]]);
    });

    it('goes on after it was cut off, and reads from the start where the table changed meanwhile', async () => {
      const { db, old, table } = await twoDatabases(hq);
      let batches = 0;
      const dying = {
        ...testDeps(db),
        db: {
          ...db,
          transaction: (async (work, isolation) => {
            batches += 1;
            if (batches > 1) throw new Error('killed');
            return db.transaction(work, isolation);
          }) as HqDatabase['transaction'],
        },
      };
      await expect(importFile(dying, options(table))).rejects.toThrow('killed');
      const deps = testDeps(db);
      expect((await proofOf(deps, options(table))).summary.counts.missing).toBe(1_500);
      expect(must(await importFile(deps, options(table))).resumedAfterRows).toBe(1_000);
      batches = 0;
      await old.query("UPDATE crm.members_old SET level = 'silver'");
      await expect(importFile(dying, options(table))).rejects.toThrow('killed');
      await old.query("UPDATE crm.members_old SET level = 'bronze' WHERE id = 1");
      const done = must(await importFile(deps, options(table)));
      expect([done.resumedAfterRows, done.rowsRead, done.rowsChanged]).toEqual([0, 2_500, 1_501]);
      expect((await proofOf(deps, options(table))).summary.verdict).toBe('pass');
    });

    it('refuses wrong values by their row, unknown tables and columns by name, and never shows the password', async () => {
      const { db, old, table } = await twoDatabases(hq);
      const deps = testDeps(db);
      await old.query('DELETE FROM crm.members_old WHERE id > 3');
      await old.query('UPDATE crm.members_old SET mobile = 12 WHERE id = 2');
      await old.query('UPDATE crm.members_old SET id = NULL WHERE id = 3');
      const done = must(await importFile(deps, options(table)));
      expect(
        (await problemsOf(db, done.importId)).map(({ rowNo, field, code }) => [rowNo, field, code]),
      ).toEqual([
        [2, 'phone', 'invalid'],
        [3, 'memberId', 'missing'],
      ]);
      const proof = await proofOf(deps, options(table));
      expect(proof.findings.map(({ kind, key, rowNo }) => [kind, key, rowNo])).toEqual([
        ['unreadable', '2', 2],
        ['unreadable', '', 3],
      ]);
      // Headquarters has it from a better day: it is unreadable, not gone.
      await old.query('UPDATE crm.members_old SET mobile = 12 WHERE id = 1');
      const worse = await proofOf(deps, options(table));
      expect(worse.findings.map(({ kind, key }) => [kind, key])).toEqual([
        ['unreadable', '1'],
        ['unreadable', '2'],
        ['unreadable', ''],
      ]);
      const wrong = async (address: Partial<TableAddress>) => {
        const result = await importFile(deps, options({ ...table, ...address }));
        return result.ok ? '' : JSON.stringify(result.error);
      };
      expect(await wrong({ table: 'crm.nobody; DROP TABLE x' })).toMatch(
        /table-unknown|source-refused/,
      );
      expect(await wrong({ since: { column: 'nothing' } })).toContain('since-unknown');
      const url = table.url
        .replace('//', '//somebody:s3cret-word@')
        .replace(/somebody:s3cret-word@[^@]*@/, 'somebody:s3cret-word@');
      const refused = await wrong({ url: url.replace(/:\d+\//, ':1/') });
      expect(refused).toContain('source-unreachable');
      expect(refused).not.toContain('s3cret');
      expect(await wrong({ url: 'postgres://%zz:s3cret@@' })).not.toContain('s3cret');
      // Nothing can be written through it.
      await old.script(
        `CREATE FUNCTION crm.mischief() RETURNS text LANGUAGE sql AS 'DELETE FROM crm.members_old; SELECT ''x'''; CREATE VIEW crm.trap AS SELECT id, crm.mischief() AS full_name, born, changed, mobile FROM crm.members_old`,
      );
      expect(await wrong({ table: 'crm.trap' })).toContain('source-refused');
      expect(await old.query('SELECT count(*)::int AS n FROM crm.members_old')).toEqual([{ n: 3 }]);
    });

    it('works by command: import, verify with its report, exit 1 until whole, and --fix', {
      timeout: 180_000,
    }, async () => {
      const { db, old, table } = await twoDatabases(hq);
      await old.query('DELETE FROM crm.members_old WHERE id > 20');
      const data = testFolder();
      const report = join(data, 'proof.csv');
      const where = [
        'crm.members',
        '--from',
        table.url,
        '--map',
        'born=birthday',
        '--map',
        'changed=updatedAt',
        '--map',
        'mobile=phone',
        '--data',
        data,
        '--database',
        hq.urlOf(db),
        '--json',
      ];
      const run = async (...args: string[]) => {
        const child = spawn(process.execPath, [HQ, ...args], {
          stdio: ['ignore', 'pipe', 'inherit'],
        });
        const [out, [code]] = await Promise.all([streamText(child.stdout), once(child, 'exit')]);
        return { code, out: JSON.parse(out) as Record<string, unknown> };
      };
      expect(await run('import', 'members', ...where, '--since', 'changed')).toMatchObject({
        code: 0,
        out: { rowsAdded: 20 },
      });
      await db.query(
        `UPDATE members SET body = replace(body, '13900000005', '13900000905'), phone = '13900000905' WHERE member_id = '5'`,
      );
      await db.query(`DELETE FROM members WHERE member_id = '6'`);
      const failed = await run('import', 'verify', 'members', ...where, '--report', report);
      expect(failed).toMatchObject({
        code: 1,
        out: { verdict: 'fail', counts: { missing: 1, changed: 1, extra: 0 }, fixed: null },
      });
      const lines = readFileSync(report, 'utf8').split('\r\n');
      expect(lines.slice(1, 3).sort()).toEqual([
        'changed,16,5,phone,********005,********905,总部的内容不同：phone,Headquarters has something else: phone',
        'missing,17,6,,,,总部没有这一行,Headquarters does not have this row',
      ]);
      const fixed = await run('import', 'verify', 'members', ...where, '--fix', '--report', report);
      expect(fixed).toMatchObject({
        code: 0,
        out: { verdict: 'pass', fixed: { rowsRead: 2, rowsAdded: 1, rowsChanged: 1 } },
      });
      expect(readFileSync(report, 'utf8').trim().split('\r\n')).toHaveLength(1);
      expect(
        await run('import', 'verify', 'members', ...where, '--after-cut-over', 'today'),
      ).toMatchObject({ code: 2, out: { error: { code: 'option-invalid' } } });
      const [proof] = await db.query<{ origin: string }>(
        'SELECT origin FROM import_proofs LIMIT 1',
      );
      expect(proof?.origin).not.toContain('@');
    });
  },
  ['postgresql'],
);
