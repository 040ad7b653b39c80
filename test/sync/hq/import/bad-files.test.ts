import { describe, expect, it } from 'vitest';
import type { HqDatabase } from '../../../../sync/hq/database/database.ts';
import { type ImportOptions, importFile } from '../../../../sync/hq/import/import-file.ts';
import type { RowProblem } from '../../../../sync/hq/import/import-problem.ts';
import { reportHead, reportLines } from '../../../../sync/hq/import/import-report.ts';
import { IMPORT_ROW_MAX_CHARS } from '../../../../sync/hq/import/limits.ts';
import { ROW_MAX_BYTES } from '../../../../sync/protocol/feed.ts';
import { describeOnEngines, must } from '../../../support/hq-database.ts';
import {
  membersOf,
  NOW_MS,
  pointsOf,
  problemsOf,
  stateOf,
  testDeps,
  testFile,
  withStores,
} from './import-support.ts';

/** 会员号,姓名,等级 / m-1,张三,gold in GB18030. */
const GBK = Buffer.from('bbe1d4b1bac52cd0d5c3fb2cb5c8bcb60a6d2d312cd5c5c8fd2c676f6c640a', 'hex');
const GBK_ROW = Buffer.from('6d2d322cc0eecbc42c676f6c640a', 'hex');

async function imported(db: HqDatabase, options: Omit<ImportOptions, 'kind'>) {
  const done = await importFile(testDeps(db), { kind: 'members', ...options });
  if (!done.ok) return { code: done.error.code, problems: [] as RowProblem[] };
  return { ...done.value, code: 'ok', problems: await problemsOf(db, done.value.importId) };
}
const said = (problems: readonly RowProblem[]) =>
  problems.map(({ rowNo, field, code }) => [rowNo, field, code]);

describeOnEngines('a bad import', (hq) => {
  it('with wrong encodings: GB18030 and UTF-16 are told by themselves, and a wrong name is refused as a whole', async () => {
    const db = await hq.fresh();
    const gbk = testFile('a.csv', GBK);
    expect(await imported(db, { path: gbk, encoding: 'utf-8' })).toMatchObject({
      code: 'header-unknown',
    });
    expect(await imported(db, { path: gbk })).toMatchObject({ encoding: 'gb18030', rowsAdded: 1 });
    const utf16 = testFile(
      'b.csv',
      Buffer.from('\ufeff会员号,姓名,等级\nm-2,李四,gold', 'utf16le'),
    );
    expect(await imported(db, { path: utf16 })).toMatchObject({
      encoding: 'utf-16le',
      rowsAdded: 1,
    });
    expect(Object.values(await membersOf(db)).map(({ name }) => name)).toEqual(['张三', '李四']);
  });

  it('with wrong encodings: a row in another one is refused by itself, with its number, and nothing garbled gets in', async () => {
    const db = await hq.fresh();
    // Far enough behind the beginning not to be part of what tells the encoding.
    const before = `m-0,赵六,gold,${'备注'.repeat(40)}\n`.repeat(1_200);
    const mixed = Buffer.concat([
      Buffer.from(`会员号,姓名,等级,备注\n${before}m-1,张三,gold\n`),
      GBK_ROW,
      Buffer.from('m-3,王五,gold\n'),
    ]);
    const done = await imported(db, { path: testFile('a.csv', mixed) });
    expect(done).toMatchObject({ encoding: 'utf-8', rowsRefused: 1 });
    expect(said(done.problems)).toEqual([[1_203, 'name', 'encoding']]);
    expect(Object.keys(await membersOf(db))).toEqual(['m-0', 'm-1', 'm-3']);
  });

  it('with wrong encodings: a workbook is named as one', async () => {
    const db = await hq.fresh();
    const path = testFile('a.csv', Uint8Array.from([0x50, 0x4b, 3, 4, 20, 0, 6, 0]));
    expect(await imported(db, { path })).toMatchObject({ code: 'not-text' });
  });

  it('with duplicate phones: within a batch, across batches and against HQ, each merge in the report', async () => {
    const db = await hq.fresh();
    await withStores(db);
    const first = testFile(
      'a.csv',
      '会员号,姓名,手机,等级,卡号,积分,门店\nm-1,张三,13800000001,gold,1111,10,sh-01\n',
    );
    await imported(db, { path: first });
    const others = Array.from({ length: 1_500 }, (_, n) => `x-${n},某某,,gold,,,`).join('\n');
    const second = testFile(
      'b.csv',
      `会员号,姓名,手机,等级,卡号,积分,门店\nm-2,张三,+86 138 0000 0001,gold,2222,20,cd-01\n${others}\nm-3,张三,138-0000-0001,gold,3333,30,\n`,
    );
    const done = await imported(db, { path: second });
    expect(done).toMatchObject({ rowsAdded: 1_500, rowsMerged: 2 });
    expect(said(done.problems)).toEqual([
      [2, 'phone', 'merged'],
      [1_503, 'phone', 'merged'],
    ]);
    expect(done.problems.map(({ value }) => value)).toEqual(['********001', '********001']);
    const members = await membersOf(db);
    expect(members['m-1']).toMatchObject({ cards: ['1111', '2222', '3333'], phone: '13800000001' });
    expect([members['m-2'], members['m-3']]).toMatchObject([
      { status: 'merged', mergedInto: 'm-1' },
      { status: 'merged', mergedInto: 'm-1' },
    ]);
    expect(await pointsOf(db)).toMatchObject({ 'm-1': 60 });
    // The store that knew m-2 goes on serving the same person under the other id.
    expect(
      await db.query(
        "SELECT store_id, reason FROM member_scopes WHERE member_id = 'm-1' ORDER BY 1",
      ),
    ).toEqual([
      { store_id: 'cd-01', reason: 'visit' },
      { store_id: 'sh-01', reason: 'home' },
    ]);
  });

  it('with points for an account that hundreds of tills booked into: it stays within the feed, points and all', async () => {
    const db = await hq.fresh();
    const head = '会员号,姓名,等级,积分\n';
    await imported(db, { path: testFile('a.csv', `${head}m-1,张三,gold,10\n`) });
    const tills = Array.from({ length: 2_000 }, (_, n) => [`till-${n}:${'i'.repeat(64)}`, 1]);
    await db.query(
      `UPDATE point_accounts SET body = (body::jsonb || jsonb_build_object('booked', $1::jsonb))::text`,
      [JSON.stringify(Object.fromEntries(tills))],
    );
    await imported(db, { path: testFile('b.csv', `${head}m-1,张三,gold,15\n`) });
    const [row] = await db.query<{ bytes: number }>(
      'SELECT octet_length(body) AS bytes FROM point_accounts',
    );
    expect(row?.bytes).toBeLessThanOrEqual(ROW_MAX_BYTES);
    expect(await pointsOf(db)).toEqual({ 'm-1': 15 });
  });

  it('with 100 columns: those that nobody knows are left out and named once', async () => {
    const db = await hq.fresh();
    const extra = Array.from({ length: 97 }, (_, n) => `列${n}`);
    const line = (id: string) => [id, '张三', 'gold', ...extra.map(() => 'x')].join(',');
    const path = testFile(
      'a.csv',
      `${['会员号', '姓名', '等级', ...extra].join(',')}\n${line('m-1')}\n${line('m-2')}\n`,
    );
    const done = await imported(db, { path });
    expect(done).toMatchObject({ rowsAdded: 2, problems: [], ignoredColumns: extra });
  });

  it('killed in the middle and resumed at any batch equals one clean run', async () => {
    const lines = ['会员号,姓名,手机,等级,卡号,积分'];
    for (let n = 0; n < 5_200; n += 1) {
      const phone = n % 50 === 0 ? n - (n % 500) : n;
      lines.push(
        `m-${n % 4_000},会员${n},139${String(phone).padStart(8, '0')},${n % 30 === 0 ? '' : 'gold'},29${n},${n}`,
      );
    }
    const path = testFile('a.csv', lines.join('\n'));
    const clean = await hq.fresh();
    await imported(clean, { path });
    const killed = await hq.fresh();
    for (const after of [0, 1, 1, 2]) {
      await expect(
        importFile(testDeps(failingAfter(killed, after)), { kind: 'members', path }),
      ).rejects.toThrow('power cut');
    }
    const done = await imported(killed, { path });
    expect(done).toMatchObject({ resumedAfterRows: 4_000, rowsRead: 5_200 });
    expect(await stateOf(killed)).toEqual(await stateOf(clean));
  });

  it('given again after its end changes nothing and tells what it had done', async () => {
    const db = await hq.fresh();
    const path = testFile('a.csv', '会员号,姓名,等级,积分\nm-1,张三,gold,10\nm-2,,gold,5\n');
    await imported(db, { path });
    const before = await stateOf(db);
    expect(await imported(db, { path })).toMatchObject({
      before: true,
      rowsAdded: 1,
      rowsRefused: 1,
    });
    expect(await stateOf(db)).toEqual(before);
    const again = await imported(db, { path, again: true });
    expect(again).toMatchObject({ before: false, rowsAdded: 0, rowsChanged: 0, rowsRefused: 1 });
    expect(await pointsOf(db)).toEqual({ 'm-1': 10 });
  });

  it('whose file changed after it was cut off is refused and nothing more is written', async () => {
    const db = await hq.fresh();
    const content = (name: string): string => {
      const nameOf = (n: number) => (n === 1_500 ? name : '张三');
      const line = (n: number) => `m-${n},${nameOf(n)},gold,${'备注'.repeat(10)}`;
      return ['会员号,姓名,等级,备注', ...Array.from({ length: 4_000 }, (_, n) => line(n))].join(
        '\n',
      );
    };
    const path = testFile('a.csv', content('李四'));
    await expect(
      importFile(testDeps(failingAfter(db, 2)), { kind: 'members', path }),
    ).rejects.toThrow('power cut');
    const before = await stateOf(db);
    // The same size and the same ends: only the digest of the rows tells.
    const changed = testFile('a.csv', content('王五'));
    expect(await imported(db, { path: changed })).toMatchObject({ code: 'file-changed' });
    expect(await stateOf(db)).toEqual(before);
    expect(await imported(db, { path })).toMatchObject({ code: 'ok', resumedAfterRows: 2_000 });
  });

  it('whose file was corrected after its end, its size and ends as before, is imported', async () => {
    const db = await hq.fresh();
    const content = (name: string): string => {
      const line = (n: number) => `m-${n},${n === 1_500 ? name : '张三'},gold,${'备注'.repeat(10)}`;
      return ['会员号,姓名,等级,备注', ...Array.from({ length: 3_000 }, (_, n) => line(n))].join(
        '\n',
      );
    };
    const earlier = testDeps(db, NOW_MS - 1_000);
    await importFile(earlier, { kind: 'members', path: testFile('a.csv', content('李四')) });
    const corrected = testFile('a.csv', content('王五'));
    expect(await imported(db, { path: corrected })).toMatchObject({
      before: false,
      rowsChanged: 1,
    });
    expect((await membersOf(db))['m-1500']).toMatchObject({ name: '王五' });
    expect(await imported(db, { path: corrected })).toMatchObject({ before: true, rowsChanged: 1 });
  });

  it('moves what a merged member has reserved to whoever they were merged into, so that nothing is promised twice', async () => {
    const db = await hq.fresh();
    const head = '会员号,姓名,手机,等级,状态,合并到';
    await imported(db, {
      path: testFile(
        'a.csv',
        `${head}\nm-1,张三,13800000001,gold,,\nm-2,张三,13800000002,gold,,\nm-3,李四,,gold,,\n`,
      ),
    });
    for (const id of ['m-2', 'm-3']) {
      await db.query(
        `INSERT INTO allowances (allowance_id, till_id, incarnation, member_id, evaluation_id, kind,
           points, state, hold_until_ms, created_at_ms)
         VALUES ($1, 't-1', 'i', $1, 'e', 'points', 5, 'open', 1, 1)`,
        [id],
      );
    }
    // One by the phone, the other by its own word.
    await imported(db, {
      path: testFile('b.csv', `${head}\nm-2,张三,13800000001,gold,,\nm-3,李四,,gold,merged,m-1\n`),
    });
    expect(await db.query('SELECT allowance_id, member_id FROM allowances ORDER BY 1')).toEqual([
      { allowance_id: 'm-2', member_id: 'm-1' },
      { allowance_id: 'm-3', member_id: 'm-1' },
    ]);
  });

  it('shows nobody: neither a file without a header, nor a row that is too long, nor ids that are phones', async () => {
    const db = await hq.fresh();
    const headless = testFile('a.csv', '13800138000,张三,gold\n');
    const long = testFile('b.csv', `13900139000,${'x'.repeat(IMPORT_ROW_MAX_CHARS)}\n`);
    for (const path of [headless, long]) {
      const done = await importFile(testDeps(db), { kind: 'members', path });
      expect(JSON.stringify(done)).toMatch(/header-unknown|row-too-long/);
      expect(JSON.stringify(done)).not.toMatch(/13[89]00139?8?000/);
    }
    const phones = testFile(
      'c.csv',
      '会员号,姓名,等级,手机\n13800138000,张三,gold,13800138000\n13800138001,张三,gold,13800138000\n',
    );
    const { problems } = await imported(db, { path: phones });
    expect(said(problems)).toEqual([[3, 'phone', 'merged']]);
    expect(problems[0]?.message.en).toContain('********001 -> ********000');
  });

  it('that another program runs at the same moment is refused', async () => {
    const db = await hq.fresh();
    const path = testFile(
      'a.csv',
      ['会员号,姓名,等级', ...Array.from({ length: 3_000 }, (_, n) => `m-${n},张三,gold`)].join(
        '\n',
      ),
    );
    const gate = Promise.withResolvers<void>();
    let batches = 0;
    const held: HqDatabase = {
      ...db,
      async transaction(work, isolation) {
        batches += 1;
        if (batches === 2) await gate.promise;
        return db.transaction(work, isolation);
      },
    };
    const slow = importFile(testDeps(held), { kind: 'members', path });
    while (batches < 2) await new Promise((settle) => setImmediate(settle));
    // The other one writes the second batch and is cut off: then the slow one must not write it again.
    await expect(
      importFile(testDeps(failingAfter(db, 1)), { kind: 'members', path }),
    ).rejects.toThrow('power cut');
    gate.resolve();
    expect(await slow).toMatchObject({ error: { code: 'already-running' } });
    expect(await imported(db, { path })).toMatchObject({ code: 'ok', resumedAfterRows: 2_000 });
    expect(await db.query('SELECT count(*)::int AS n FROM members')).toEqual([{ n: 3_000 }]);
    expect(await db.query('SELECT rows_added FROM imports')).toEqual([{ rows_added: 3_000 }]);
  });

  it('only checked writes nothing and hands its report over', async () => {
    const db = await hq.fresh();
    const problems: RowProblem[] = [];
    const path = testFile(
      'a.csv',
      '会员号,姓名,等级,手机\nm-1,张三,gold,13800000001\nm-2,李四,gold,138\n',
    );
    const before = await stateOf(db);
    const done = await imported(db, {
      path,
      dryRun: true,
      onProblems: (some) => problems.push(...some),
    });
    expect(done).toMatchObject({ rowsAdded: 1, rowsRefused: 1, dryRun: true });
    expect(said(problems)).toEqual([[3, 'phone', 'invalid']]);
    expect(await stateOf(db)).toEqual(before);
  });

  it('of JSON lines: a broken line, a list and a field of the wrong type are refused by themselves', async () => {
    const db = await hq.fresh();
    const path = testFile(
      'a.jsonl',
      [
        '{"memberId":"m-1","name":"张三","tier":"gold","tags":["a","b"],"points":5,"shoe":1}',
        '{"memberId":"m-2","name":',
        '[1]',
        '{"memberId":"m-3","name":{"a":1},"tier":"gold"}',
        '{"会员号":"m-4","姓名":"李四","等级":"gold","手机":13800000004}',
      ].join('\n'),
    );
    const done = await imported(db, { path });
    expect(done).toMatchObject({
      format: 'jsonl',
      rowsAdded: 2,
      rowsRefused: 3,
      ignoredColumns: ['shoe'],
    });
    expect(said(done.problems)).toEqual([
      [2, '', 'json-syntax'],
      [3, '', 'json-syntax'],
      [4, 'name', 'invalid'],
    ]);
    expect((await membersOf(db))['m-4']).toMatchObject({ phone: '13800000004' });
    const list = testFile('b.json', '[{"memberId":"m-1"}]');
    expect(await imported(db, { path: list })).toMatchObject({ code: 'not-json-lines' });
  });
});

describeOnEngines('an import of what a chain is made of', (hq) => {
  it('brings stores, tags, articles and staff, updates them by their key and keeps the PIN that is the same', async () => {
    const db = await hq.fresh();
    const run = async (kind: ImportOptions['kind'], content: string) =>
      must(await importFile(testDeps(db), { kind, path: testFile('a.csv', content) }));
    await run(
      'stores',
      '门店编号,店名,英文名,门店等级,日结时间\nsh-01,上海店,Shanghai,flagship,02:00\n',
    );
    await run('tags', '标签,名称\nvip,贵宾\n');
    await run(
      'articles',
      '货号,品名,条码,类别,售价\nA1,牛奶,6901234567892,乳品,12.90\nA2,无价,,乳品,\n',
    );
    const staff =
      '工号,姓名,角色,PIN,门店\n101,王芳,收银员,1234,sh-01\n900,赵工,IT,567890,全部\n102,缺码,收银员,,sh-01\n';
    expect(await run('staff', staff)).toMatchObject({ rowsAdded: 2, rowsRefused: 1 });
    const bodies = async (table: string) =>
      (await db.query<{ body: string }>(`SELECT body FROM ${table} ORDER BY body`)).map(
        ({ body }) => JSON.parse(body),
      );
    expect(await bodies('stores')).toEqual([
      {
        storeId: 'sh-01',
        name: { 'zh-CN': '上海店', en: 'Shanghai' },
        storeTier: 'flagship',
        timeZone: 'Asia/Shanghai',
        currency: 'CNY',
        dayEndsAtMinute: 120,
      },
    ]);
    expect(await bodies('tags')).toEqual([{ tag: 'vip', name: { 'zh-CN': '贵宾', en: '贵宾' } }]);
    expect(await bodies('articles')).toMatchObject([
      { sku: 'A1', gtin: '6901234567892', priceMinor: 1290 },
    ]);
    const before = await bodies('staff');
    expect(before).toMatchObject([
      { staffId: '101', role: 'cashier', storeIds: ['sh-01'] },
      { staffId: '900', role: 'it', storeIds: null },
    ]);
    expect(JSON.stringify(before)).not.toContain('1234');
    const renamed = '工号,姓名,PIN\n101,王芳芳,1234\n900,赵工,567890\n';
    expect(await run('staff', renamed)).toMatchObject({ rowsChanged: 1, rowsAdded: 0 });
    expect(await bodies('staff')).toMatchObject([
      { staffId: '101', name: '王芳芳', pinHash: before[0].pinHash },
      { staffId: '900', pinHash: before[1].pinHash },
    ]);
  });

  it.each([
    ['JPY', 1_280],
    ['KWD', 1_280_000],
  ])("counts amounts in the minor units of the chain's currency %s", async (currency, minor) => {
    const db = await hq.fresh();
    const path = testFile('a.csv', '会员号,姓名,等级,年消费\nm-1,张三,gold,1280\n');
    must(await importFile({ ...testDeps(db), currency }, { kind: 'members', path }));
    expect((await membersOf(db))['m-1']).toMatchObject({ yearSpendMinor: minor });
  });
});

describeOnEngines('an import of what tills would not take', (hq) => {
  it('refuses keys with a line break and stores that are not there, with the field', async () => {
    const db = await hq.fresh();
    await withStores(db);
    const run = async (kind: ImportOptions['kind'], content: string) => {
      const done = must(await importFile(testDeps(db), { kind, path: testFile('a.csv', content) }));
      return said(await problemsOf(db, done.importId));
    };
    expect(await run('tags', '标签,名称\n"v\nip",贵宾\nvip,贵宾\n')).toEqual([
      [2, 'tag', 'invalid'],
    ]);
    expect(await run('articles', '货号,品名,类别,售价\n"A\n1",牛奶,乳品,1\n')).toEqual([
      [2, 'sku', 'invalid'],
    ]);
    const staff =
      '工号,姓名,角色,PIN,门店\n101,王芳,收银员,1234,sh-01;xx-99\n102,李芳,收银员,1234,sh-01\n';
    expect(await run('staff', staff)).toEqual([[2, 'stores', 'unknown-store']]);
    expect(await db.query('SELECT staff_id FROM staff')).toEqual([{ staff_id: '102' }]);
    expect(await db.query('SELECT tag FROM tags')).toEqual([{ tag: 'vip' }]);
  });
});

describe('a report', () => {
  it('cannot make a spreadsheet run what stands in a cell', () => {
    const problem: RowProblem = {
      rowNo: 7,
      field: 'tier',
      code: 'invalid',
      value: '=cmd|"x"!A1',
      message: { 'zh-CN': '不对', en: 'wrong' },
    };
    expect(reportHead('csv') + reportLines('csv', [problem])).toBe(
      '\ufeffrow,kind,field,code,value,说明,message\r\n7,refused,tier,invalid,"\'=cmd|""x""!A1",不对,wrong\r\n',
    );
    expect(JSON.parse(reportLines('json', [problem]))).toMatchObject({ row: 7, kind: 'refused' });
  });
});

/** The database, whose n-th batch from now on is cut off right before its commit. */
function failingAfter(db: HqDatabase, batches: number): HqDatabase {
  let left = batches;
  return {
    ...db,
    transaction: (work, isolation) =>
      db.transaction(async (tx) => {
        const result = await work(tx);
        if (left === 0) throw new Error('power cut');
        left -= 1;
        return result;
      }, isolation),
  };
}
