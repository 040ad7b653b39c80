import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { toInstant } from '../../../../agent/contract/time.ts';
import type { HqDatabase } from '../../../../sync/hq/database/database.ts';
import { importFile } from '../../../../sync/hq/import/import-file.ts';
import { readProofs } from '../../../../sync/hq/import/proof/proofs.ts';
import { describeOnEngines, must } from '../../../support/hq-database.ts';
import { foreignCopy } from './foreign-copy.ts';
import { NOW_MS, testDeps, testFile, testFolder, withStores } from './import-support.ts';
import { csvOf, fileOf, keysOf, proofOf, trueRow, trueRows } from './proof-support.ts';

const ROWS = 400;

async function rowsOfHq(db: HqDatabase): Promise<unknown> {
  return db.query('SELECT member_id, body, ver FROM members ORDER BY member_id');
}

describeOnEngines('the proof of a migration', (hq) => {
  it('names every row that a foreign copy lacks, damages or doubles and none other, and fails until headquarters is whole', {
    timeout: 120_000,
  }, async () => {
    const seed = Number(process.env['TILLSIDE_SEED'] ?? Date.now() % 1_000_000);
    process.stdout.write(`migration proof: seed ${seed}; TILLSIDE_SEED=${seed} replays it\n`);
    const db = await hq.fresh();
    await withStores(db);
    const deps = testDeps(db);
    const rows = trueRows(ROWS);
    const planted = foreignCopy(rows, seed);
    const copy = join(testFolder(), 'copy.csv');
    writeFileSync(copy, planted.content);
    must(await importFile(deps, { kind: 'members', path: copy, encoding: 'utf-8' }));

    // The copy against itself: what is wrong with the file.
    const own = await proofOf(deps, { path: copy, encoding: 'utf-8' });
    const cut = rows.filter((_, index) => index % 4 === 3 && Math.floor(index / 4) % 9 === 3);
    expect(own.summary.verdict).toBe('fail');
    const linesOf = (kind: string) =>
      [
        ...new Set(own.findings.flatMap((one) => (one.kind === kind ? [one.rowNo as number] : []))),
      ].sort((a, b) => a - b);
    expect(linesOf('unreadable')).toEqual(planted.unreadable);
    expect(linesOf('duplicate')).toEqual(planted.duplicate);
    expect(keysOf(own.findings, 'missing')).toEqual(cut.map((row) => row['会员号']).sort());
    expect([...keysOf(own.findings, 'changed'), ...keysOf(own.findings, 'extra')]).toEqual([]);

    // The copy's members against the source that it was made of.
    const source = fileOf(rows);
    const before = await rowsOfHq(db);
    const first = await proofOf(deps, { path: source });
    expect(keysOf(first.findings, 'missing')).toEqual([...planted.missing].sort());
    expect(keysOf(first.findings, 'changed')).toEqual([...planted.changed].sort());
    expect(keysOf(first.findings, 'extra')).toEqual([...planted.extra].sort());
    expect(first.summary).toMatchObject({
      verdict: 'fail',
      keys: ROWS,
      counts: { unreadable: 0, duplicate: 0, 'changed-since': 0 },
    });
    expect(await rowsOfHq(db)).toEqual(before);

    // Exactly the missing and changed rows come again.
    const named = planted.missing.length + planted.changed.length;
    expect(first.rowsToFix.size).toBe(named);
    const fixed = must(
      await importFile(deps, {
        kind: 'members',
        path: source,
        only: { rowNos: first.rowsToFix },
        sourceWins: true,
      }),
    );
    expect(fixed).toMatchObject({ rowsRead: named, rowsAdded: planted.missing.length });
    const second = await proofOf(deps, { path: source });
    // A card that a damaged row brought stays until it is taken away; so does who is not in the source.
    const cards = second.findings.filter(({ kind }) => kind === 'changed');
    expect(cards.filter(({ fields }) => fields.join() !== 'cards')).toEqual([]);
    expect(keysOf(second.findings, 'extra')).toEqual([...planted.extra].sort());
    expect(second.summary.verdict).toBe('fail');
    for (const { key } of cards) {
      const index = Number(key.slice(2));
      const path = testFile(
        'cards.jsonl',
        `${JSON.stringify({ memberId: key, cards: [] })}\n${JSON.stringify({ memberId: key, cards: [trueRow(index)['卡号']] })}\n`,
      );
      must(await importFile(deps, { kind: 'members', path }));
    }
    const third = await proofOf(deps, { path: source });
    const only = { rowNos: third.rowsToFix };
    must(await importFile(deps, { kind: 'members', path: source, only, sourceWins: true }));
    const extra = await proofOf(deps, { path: source });
    expect(keysOf(extra.findings, 'extra')).toEqual([...planted.extra].sort());
    expect([extra.findings.length, extra.summary.verdict]).toEqual([planted.extra.length, 'fail']);
    const accepted = await proofOf(deps, { path: source, acceptExtra: true });
    expect(accepted.summary.verdict).toBe('pass');
    expect((await readProofs(db, 10)).map(({ verdict }) => verdict)).toEqual([
      'pass',
      'fail',
      'fail',
      'fail',
      'fail',
      'fail',
    ]);
  });

  it('passes for a whole import, and names each of 27 % of its rows once they are gone from headquarters, or from the source', async () => {
    const db = await hq.fresh();
    await withStores(db);
    const deps = testDeps(db);
    const rows = trueRows(300);
    const source = fileOf(rows);
    must(await importFile(deps, { kind: 'members', path: source }));
    const whole = await proofOf(deps, { path: source });
    expect(whole.findings).toEqual([]);
    expect(whole.summary).toMatchObject({ verdict: 'pass', keys: 300, bucketsDiffering: 0 });
    expect(whole.summary.hqRoot).toBe(whole.summary.sourceRoot);
    const gone = rows.filter((_, n) => n % 100 < 27).map((row) => row['会员号'] as string);
    expect(gone).toHaveLength(81);
    const left = rows.filter((_, n) => n % 100 >= 27);
    const less = await proofOf(deps, { path: fileOf(left) });
    expect([keysOf(less.findings, 'extra'), less.findings.length]).toEqual([[...gone].sort(), 81]);
    expect(less.summary.verdict).toBe('fail');
    await db.query('DELETE FROM point_accounts WHERE member_id = ANY($1::text[])', [gone]);
    await db.query('DELETE FROM members WHERE member_id = ANY($1::text[])', [gone]);
    const lost = await proofOf(deps, { path: source });
    expect([keysOf(lost.findings, 'missing'), lost.findings.length]).toEqual([
      [...gone].sort(),
      81,
    ]);
    expect(lost.summary.verdict).toBe('fail');
    must(
      await importFile(deps, { kind: 'members', path: source, only: { rowNos: lost.rowsToFix } }),
    );
    expect((await proofOf(deps, { path: source })).summary.verdict).toBe('pass');
  });

  it('takes as equal what a rule of the import explains: one phone, one card, cards over several rows, a merged row', async () => {
    const db = await hq.fresh();
    await withStores(db);
    const deps = testDeps(db);
    const source = fileOf([
      trueRow(1),
      { ...trueRow(2), 手机: trueRow(1)['手机'] as string, 标签: 'old', 积分: '7' },
      trueRow(3),
      { ...trueRow(4), 卡号: trueRow(3)['卡号'] as string },
      trueRow(5),
      { ...trueRow(5), 卡号: '550055005500' },
    ]);
    must(await importFile(deps, { kind: 'members', path: source }));
    const strict = await proofOf(deps, { path: source });
    expect(
      strict.findings.map(({ kind, key, rowNo, fields }) => [kind, key, rowNo, fields[0]]),
    ).toEqual([
      ['duplicate', 'm-2', 3, 'phone'],
      ['duplicate', 'm-4', 5, 'cards'],
      ['duplicate', 'm-5', 7, 'memberId'],
    ]);
    expect(strict.findings[0]?.message.en).toBe('Has the same phone as row 2 (m-1)');
    expect(strict.summary.verdict).toBe('fail');
    expect((await proofOf(deps, { path: source, acceptDuplicates: true })).summary.verdict).toBe(
      'pass',
    );
    // What a rule does not explain is still named: the survivor without the other's card, the merged row's points.
    const [{ body = '' } = {}] = await db.query<{ body: string }>(
      "SELECT body FROM members WHERE member_id = 'm-1'",
    );
    const survivor = JSON.parse(body) as { cards: string[] };
    expect(survivor.cards).toContain(trueRow(2)['卡号']);
    await db.query('DELETE FROM member_cards WHERE card = $1', [trueRow(2)['卡号'] as string]);
    await db.query("UPDATE members SET body = $1 WHERE member_id = 'm-1'", [
      JSON.stringify({ ...survivor, cards: [trueRow(1)['卡号']] }),
    ]);
    await db.query(`UPDATE point_accounts SET body = replace(body, '"m-2":7', '"m-2":8')`);
    const damaged = await proofOf(deps, { path: source, acceptDuplicates: true });
    expect(
      damaged.findings
        .filter(({ kind }) => kind === 'changed')
        .map(({ key, fields }) => [key, fields]),
    ).toEqual([['m-2', ['cards', 'points']]]);
    expect(damaged.summary.verdict).toBe('fail');
  });

  it('finds a number under which nobody is found any more, though the row still has it', async () => {
    const db = await hq.fresh();
    await withStores(db);
    const deps = testDeps(db);
    const source = fileOf(trueRows(3));
    must(await importFile(deps, { kind: 'members', path: source }));
    await db.query("UPDATE members SET phone = NULL WHERE member_id = 'm-1'");
    await db.query("DELETE FROM member_cards WHERE member_id = 'm-2'");
    await db.query("UPDATE members SET body = '{' WHERE member_id = 'm-3'");
    const { findings } = await proofOf(deps, { path: source });
    expect(findings.map(({ kind, key, fields }) => [kind, key, fields])).toEqual([
      ['changed', 'm-1', ['phone']],
      ['changed', 'm-2', ['cards']],
      ['changed', 'm-3', ['body']],
    ]);
    // The report shows no more of a number than that of an import.
    expect(findings[0]?.values[0]?.source).toBe('********002');
  });

  it('fails before the cut-over for whatever headquarters changed, and tells it apart afterwards; damage still fails', async () => {
    const db = await hq.fresh();
    await withStores(db);
    const deps = testDeps(db);
    const source = fileOf(trueRows(4));
    must(await importFile(deps, { kind: 'members', path: source }));
    const cutOverMs = NOW_MS;
    const change = (id: string, from: string, to: string) =>
      db.query('UPDATE members SET body = replace(body, $2, $3) WHERE member_id = $1', [
        id,
        from,
        to,
      ]);
    await change('m-1', '"tier":"standard"', '"tier":"gold"');
    await change('m-1', '2026-10-01T00:00:00.000Z', toInstant(cutOverMs + 1));
    await change('m-2', '"tier":"standard"', '"tier":"gold"');
    await change('m-3', '"tier":"standard"', '"tier":"gold"');
    await change('m-3', '2026-10-01T00:00:00.000Z', toInstant(cutOverMs));
    await db.query(
      `UPDATE point_accounts SET body = replace(replace(body, '"points":10', '"points":4'), '"booked":{}', '"booked":{"t:1":9}') WHERE member_id = 'm-4'`,
    );
    const before = await proofOf(deps, { path: source });
    expect(keysOf(before.findings, 'changed')).toEqual(['m-1', 'm-2', 'm-3', 'm-4']);
    const after = await proofOf(deps, { path: source, cutOverMs });
    expect(keysOf(after.findings, 'changed-since')).toEqual(['m-1', 'm-4']);
    expect(keysOf(after.findings, 'changed')).toEqual(['m-2', 'm-3']);
    expect(after.summary.verdict).toBe('fail');
    await change('m-2', '"tier":"gold"', '"tier":"standard"');
    await change('m-3', '"tier":"gold"', '"tier":"standard"');
    await change('m-3', toInstant(cutOverMs), '2026-10-01T00:00:00.000Z');
    expect((await proofOf(deps, { path: source, cutOverMs })).summary.verdict).toBe('pass');
  });

  it('takes members who joined since for what they are, and two systems of one chain apart', async () => {
    const db = await hq.fresh();
    await withStores(db);
    const deps = testDeps(db);
    const [east, west] = [fileOf(trueRows(3)), fileOf([trueRow(11), trueRow(12)])];
    must(await importFile(deps, { kind: 'members', path: east, source: 'east' }));
    must(await importFile(deps, { kind: 'members', path: west, source: 'west' }));
    await db.query("INSERT INTO members (member_id, body) VALUES ('joined', '{}')");
    expect((await proofOf(deps, { path: east, source: 'east' })).findings).toEqual([]);
    expect((await proofOf(deps, { path: west, source: 'west' })).summary.verdict).toBe('pass');
    const wrong = await proofOf(deps, { path: west, source: 'east' });
    expect(keysOf(wrong.findings, 'extra')).toEqual(['m-1', 'm-2', 'm-3']);
  });

  it('is exact after a whole newer file, which only writes what changed', async () => {
    const db = await hq.fresh();
    await withStores(db);
    const deps = testDeps(db);
    const rows = trueRows(200);
    must(await importFile(deps, { kind: 'members', path: fileOf(rows) }));
    const newer = [
      ...rows.slice(0, 150),
      { ...trueRow(151), 姓名: '改名', 更新时间: '2026-11-01 08:00:00' },
      ...rows.slice(151),
      trueRow(201),
    ];
    const path = fileOf(newer);
    const between = await proofOf(deps, { path });
    expect([keysOf(between.findings, 'changed'), keysOf(between.findings, 'missing')]).toEqual([
      ['m-151'],
      ['m-201'],
    ]);
    expect(between.findings.find(({ kind }) => kind === 'changed')?.fields).toEqual([
      'name',
      'updatedAt',
    ]);
    const ver = async () =>
      (
        await db.query<{ n: number }>('SELECT count(*)::int AS n FROM members WHERE ver > $1', [
          lastVer,
        ])
      )[0]?.n;
    const [{ lastVer = 0 } = {}] = await db.query<{ lastVer: number }>(
      'SELECT max(ver) AS "lastVer" FROM members',
    );
    must(await importFile(deps, { kind: 'members', path }));
    expect(await ver()).toBe(2);
    expect((await proofOf(deps, { path })).findings).toEqual([]);
  });

  it('compares articles, staff with their PINs, stores and tags as well', {
    timeout: 120_000,
  }, async () => {
    const db = await hq.fresh();
    await withStores(db);
    const deps = testDeps(db);
    const files = {
      articles: testFile('a.csv', '货号,品名,分类,售价\na-1,牛奶,food,19.90\na-2,面包,food,5\n'),
      tags: testFile('t.csv', '标签,名称\nvip,贵宾\n'),
      stores: testFile('s.csv', '门店编号,店名,门店等级\nbj-01,北京店,flagship\n'),
      staff: testFile(
        'p.csv',
        '工号,姓名,角色,密码,门店\np-1,张三,收银员,1234,sh-01\np-2,李四,店长,9876,*\n',
      ),
    };
    for (const [kind, path] of Object.entries(files) as ['articles', string][]) {
      must(await importFile(deps, { kind, path }));
      expect((await proofOf(deps, { kind, path })).summary).toMatchObject({ verdict: 'pass' });
    }
    const pin = testFile(
      'p.csv',
      '工号,姓名,角色,密码,门店\np-1,张三,收银员,4321,sh-01\np-3,王五,店长,9876,xx-9\n',
    );
    const staff = await proofOf(deps, { kind: 'staff', path: pin });
    expect(staff.findings.map(({ kind, key, fields }) => [kind, key, fields])).toEqual([
      ['unreadable', 'p-3', ['stores']],
      ['extra', 'p-2', []],
      ['changed', 'p-1', ['pinHash']],
    ]);
    expect(JSON.stringify(staff.findings)).not.toContain('argon2');
    await db.query(`UPDATE articles SET body = replace(body, '1990', '1980') WHERE sku = 'a-1'`);
    const articles = await proofOf(deps, { kind: 'articles', path: files.articles });
    expect(articles.findings.map(({ kind, key, fields }) => [kind, key, fields])).toEqual([
      ['changed', 'a-1', ['priceMinor']],
    ]);
  });

  it('reads GBK, UTF-16 and UTF-8 with a mark as the import does', async () => {
    const db = await hq.fresh();
    await withStores(db);
    const deps = testDeps(db);
    const text = csvOf(trueRows(3)).replace(/会员[^,]*,139/g, '张三,139');
    const gbk = Buffer.from([0xd5, 0xc5, 0xc8, 0xfd]);
    const ascii = 'memberId,name,phone,tier\r\nm-1,';
    const forms: [string, Buffer, Buffer][] = [
      ['utf-8', Buffer.from(`\ufeff${text}`), Buffer.from(`\ufeff${text.replace('张三', '张四')}`)],
      [
        'utf-16',
        Buffer.from(`\ufeff${text}`, 'utf16le'),
        Buffer.from(`\ufeff${text.replace('张三', '张四')}`, 'utf16le'),
      ],
      [
        'gbk',
        Buffer.concat([Buffer.from(ascii), gbk, Buffer.from(',13900000002,standard\r\n')]),
        Buffer.concat([
          Buffer.from(ascii),
          gbk.subarray(0, 2),
          Buffer.from(',13900000002,standard\r\n'),
        ]),
      ],
    ];
    for (const [name, right, wrong] of forms) {
      const path = testFile(`${name}.csv`, right);
      must(await importFile(deps, { kind: 'members', path, source: name }));
      expect((await proofOf(deps, { path, source: name })).summary.verdict).toBe('pass');
      const other = await proofOf(deps, { path: testFile(`${name}.csv`, wrong), source: name });
      expect(other.findings.map(({ kind, key, fields }) => [kind, key, fields])).toEqual([
        ['changed', 'm-1', ['name']],
      ]);
    }
  });
});
