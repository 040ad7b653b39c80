import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text as streamText } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { backUpPostgres } from '../../../../sync/hq/backup/back-up-postgres.ts';
import { createProgressLine, progressText } from '../../../../sync/hq/commands/import-progress.ts';
import { openHqDatabase } from '../../../../sync/hq/database/open-hq-database.ts';
import { describeOnEngines, must, quietLog } from '../../../support/hq-database.ts';
import { testFile, testFolder, withStores } from './import-support.ts';

const HQ = fileURLToPath(new URL('../../../../sync/hq/main.ts', import.meta.url));
const TILL = fileURLToPath(new URL('../../../../agent/main/till.ts', import.meta.url));
const RULES = fileURLToPath(new URL('../../../../demo/rules.yaml', import.meta.url));

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function run(program: string, args: readonly string[]): Promise<Ran> {
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const [out, err, [code]] = await Promise.all([
    streamText(child.stdout),
    streamText(child.stderr),
    once(child, 'exit'),
  ]);
  return { code: code as number, out, err };
}

describeOnEngines(
  "headquarters' commands",
  (hq) => {
    it('import a file, print one JSON object, write the report, exit 1 for refused rows and 2 for a wrong file', {
      timeout: 180_000,
    }, async () => {
      const db = await hq.fresh();
      await withStores(db);
      const data = testFolder();
      const where = ['--data', data, '--database', hq.urlOf(db)];
      const file = testFile(
        'a.csv',
        '会员号,姓名,等级,手机,无用\nm-1,张三丰,gold,13800000001,x\nm-2,李四,gold,138,x\n',
      );
      const report = join(data, 'report.csv');
      const first = await run(HQ, [
        'import',
        'members',
        file,
        ...where,
        '--report',
        report,
        '--json',
      ]);
      expect(first.code).toBe(1);
      expect(JSON.parse(first.out)).toMatchObject({
        rowsRead: 2,
        rowsAdded: 1,
        rowsRefused: 1,
        ignoredColumns: ['无用'],
        problems: [{ code: 'invalid', rows: 1 }],
      });
      expect(readFileSync(report, 'utf8').split('\r\n')[1]).toBe(
        '3,refused,phone,invalid,***,格式不对，应为：6 到 15 位数字,Not in the right form; expected: 6 to 15 digits',
      );
      // Rows name people: the report is for whoever ran the command.
      expect(statSync(report).mode & 0o777).toBe(0o600);
      const again = await run(HQ, ['import', 'members', file, ...where]);
      expect(again.out).toContain('This file was imported before');
      const wrong = await run(HQ, ['import', 'members', file, ...where, '--encoding', 'latin-9']);
      expect([wrong.code, wrong.out]).toEqual([2, '']);
      expect(wrong.err).toContain('utf-8');
      const absent = await run(HQ, ['import', 'members', `${file}.no`, ...where, '--json']);
      expect([absent.code, JSON.parse(absent.out).error.code]).toEqual([2, 'file-unreadable']);
    });

    it('show a setting, write it from a file, and refuse a wrong one with the field', {
      timeout: 180_000,
    }, async () => {
      const db = await hq.fresh();
      const where = ['--data', testFolder(), '--database', hq.urlOf(db), '--json'];
      const key = ['setting', 'revoked-keys'];
      expect((await run(HQ, [...key, ...where])).code).toBe(1);
      const file = testFile('keys.json', '{"keyIds":["lost"]}');
      expect(await run(HQ, [...key, '--file', file, ...where])).toMatchObject({ code: 0 });
      const shown = await run(HQ, [...key, ...where]);
      expect(JSON.parse(shown.out)).toMatchObject({ value: { keyIds: ['lost'] } });
      const wrong = testFile('wrong.json', '{"keyIds":"lost"}');
      const refused = await run(HQ, [...key, '--file', wrong, ...where]);
      expect(refused.code).toBe(2);
      expect(JSON.parse(refused.out).error.detail).toContain('keyIds');
    });

    it('publish rules, by `till rules publish` as well, and refuse errors with the list and exit 1', {
      timeout: 180_000,
    }, async () => {
      const db = await hq.fresh();
      const data = testFolder();
      const where = ['--database', hq.urlOf(db), '--json'];
      const done = await run(TILL, ['rules', 'publish', RULES, '--hq-data', data, ...where]);
      expect([done.code, JSON.parse(done.out)]).toMatchObject([
        0,
        { ok: true, version: 1, unchanged: false },
      ]);
      const wrong = testFile(
        'rules.yaml',
        readFileSync(RULES, 'utf8').replace(/lane: \S+/, 'lane: nowhere'),
      );
      const refused = await run(HQ, ['publish', wrong, '--data', data, ...where]);
      expect(refused.code).toBe(1);
      expect(JSON.parse(refused.out).problems[0]).toMatchObject({ severity: 'error' });
      expect(await db.query('SELECT kind, version FROM documents')).toEqual([
        { kind: 'rule-set', version: 1 },
      ]);
    });

    it('dump a server whole or not at all, keep the password out of the arguments, and note only what is done', async () => {
      const folder = testFolder();
      const program = join(folder, 'fake-pg-dump');
      const seen = join(folder, 'seen');
      writeFileSync(
        program,
        `#!/bin/sh\nfor a in "$@"; do echo "$a"; case "$a" in --file=*) echo dump > "\${a#--file=}";; esac; done > ${seen}\necho "$PGPASSWORD" > ${seen}.password\ncat ${seen}.said >&2\nexit $(cat ${seen}.code)\n`,
      );
      chmodSync(program, 0o755);
      writeFileSync(`${seen}.code`, '0');
      writeFileSync(`${seen}.said`, '');
      const url = 'postgresql://hq:s%40cret@127.0.0.1:1/postgres';
      const to = join(folder, 'backups');
      const file = must(await backUpPostgres(url, to, '2026-11-21T08:30:00.000Z', program));
      expect(readFileSync(file, 'utf8')).toBe('dump\n');
      expect(readFileSync(seen, 'utf8')).not.toContain('cret');
      expect(readFileSync(`${seen}.password`, 'utf8')).toBe('s@cret\n');
      writeFileSync(`${seen}.code`, '1');
      const failed = await backUpPostgres(url, to, '2026-11-22T08:30:00.000Z', program);
      expect(failed).toMatchObject({ error: { code: 'pg-dump-failed' } });
      expect(existsSync(file.replace('11-21', '11-22'))).toBe(false);
      // As pg_dump says it itself.
      writeFileSync(
        `${seen}.said`,
        'pg_dump: error: aborting because of server version mismatch\npg_dump: detail: server version: 18.4; pg_dump version: 15.18\n',
      );
      const old = await backUpPostgres(url, to, '2026-11-22T08:30:00.000Z', program);
      expect(old).toMatchObject({
        error: { code: 'pg-dump-old', detail: expect.stringContaining('18.4') },
      });
      const missing = await backUpPostgres(
        url,
        to,
        '2026-11-23T08:30:00.000Z',
        join(folder, 'none'),
      );
      expect(missing).toMatchObject({ error: { code: 'pg-dump-missing' } });
    });

    it('note a backup that was made by other means, but none of the future', {
      timeout: 60_000,
    }, async () => {
      const db = await hq.fresh();
      const where = ['--data', testFolder(), '--database', hq.urlOf(db), '--json'];
      const noted = await run(HQ, ['backup', '--note', '2026-01-01T00:00:00Z', ...where]);
      expect([noted.code, JSON.parse(noted.out)]).toMatchObject([0, { file: null, tills: 0 }]);
      expect(await db.query('SELECT started_at_ms FROM backups')).toEqual([
        { started_at_ms: Date.UTC(2026, 0, 1) },
      ]);
      const future = await run(HQ, ['backup', '--note', '2999-01-01T00:00:00Z', ...where]);
      expect(future.code).toBe(2);
      expect(await db.query('SELECT count(*)::int AS n FROM backups')).toEqual([{ n: 1 }]);
    });
  },
  ['postgresql'],
);

it('a backup of PGlite is a folder that opens as it is, with everything in it', {
  timeout: 120_000,
}, async () => {
  const data = testFolder();
  const where = ['--data', data, '--database', 'pglite', '--json'];
  const stores = testFile('a.csv', '门店编号,店名,门店等级\nsh-01,上海店,flagship\n');
  expect((await run(HQ, ['import', 'stores', stores, ...where])).code).toBe(0);
  const made = await run(HQ, ['backup', '--to', join(data, 'backups'), ...where]);
  const { file } = JSON.parse(made.out) as { file: string };
  const copy = must(await openHqDatabase({ kind: 'pglite', folder: file }, { log: quietLog }));
  expect(await copy.query('SELECT store_id FROM stores')).toEqual([{ store_id: 'sh-01' }]);
  await copy.close();
});

it('progress is a bar with share, rows, rate and time left, and lines where nobody watches', () => {
  const progress = {
    rowsRead: 5_000,
    bytesRead: 50,
    sizeBytes: 200,
    rowsPerSecond: 1_000,
    secondsLeft: 15,
  };
  expect(progressText(progress)).toBe(
    '[######------------------] 25 %  5000 rows  1000 rows/s  15 s',
  );
  let nowMs = 0;
  const written: string[] = [];
  const out = { isTTY: false, write: (line: string) => written.push(line) > 0 };
  const line = createProgressLine(out as unknown as NodeJS.WriteStream, () => nowMs);
  line.show(progress);
  nowMs = 5_000;
  line.show(progress);
  nowMs = 6_000;
  line.show({ ...progress, bytesRead: 200 });
  line.end();
  expect(written).toEqual([`${progressText(progress)}\n`]);
});
