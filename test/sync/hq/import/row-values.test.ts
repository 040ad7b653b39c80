import { describe, expect, it } from 'vitest';
import { MONEY_MAX_MINOR } from '../../../../agent/contract/money.ts';
import { maskValue } from '../../../../sync/hq/import/mask-value.ts';
import { createRowReader, type RowReader } from '../../../../sync/hq/import/row-reader.ts';

function reader(value: unknown, field: string, currency = 'CNY'): RowReader {
  const row = { rowNo: 2, raw: '', values: { [field]: value } };
  return createRowReader(row, { timeZone: 'Asia/Shanghai', currency, encoding: 'utf-8' });
}

/** The value, or the code of what is wrong with it. */
function value(field: string, raw: unknown, read: (reader: RowReader) => unknown): unknown {
  const one = reader(raw, field);
  const got = read(one);
  return one.problems[0]?.code ?? got;
}

describe('the cells of a row', () => {
  it.each([
    ['13800138000', '13800138000'],
    [' +86 138-0013-8000 ', '13800138000'],
    ['008613800138000', '13800138000'],
    ['１３８００１３８０００', '13800138000'],
    ['="13800138000"', '13800138000'],
    ["'13800138000", '13800138000'],
    [13_800_138_000, '13800138000'],
    ['+4930123456', '+4930123456'],
    ['1.38E+10', 'scientific'],
    ['12345', 'invalid'],
    ['电话', 'invalid'],
    ['138\ufffd0013800', 'encoding'],
    ['', undefined],
  ])('phone %j is %j', (raw, expected) => {
    expect(value('phone', raw, (row) => row.phone('phone'))).toBe(expected);
  });

  it.each([
    ['1990-05-31', '1990-05-31'],
    ['1990/5/1', '1990-05-01'],
    ['1990年5月1日', '1990-05-01'],
    ['19900501', '1990-05-01'],
    ['1990-05-01 00:00:00', '1990-05-01'],
    ['1990-02-30', 'invalid'],
    ['05-31', 'invalid'],
    ['32994', 'invalid'],
  ])('day %j is %j', (raw, expected) => {
    expect(value('birthday', raw, (row) => row.day('birthday'))).toBe(expected);
  });

  it.each([
    ['2026-11-21T08:30:00Z', '2026-11-21T08:30:00.000Z'],
    ['2026-11-21 16:30:00', '2026-11-21T08:30:00.000Z'],
    ['2026/11/21 16:30', '2026-11-21T08:30:00.000Z'],
    ['2026-11-21', '2026-11-20T16:00:00.000Z'],
    // Shanghai kept summer time in 1990.
    ['1990-07-01 12:00:00', '1990-07-01T03:00:00.000Z'],
    ['2026-11-21 24:30', 'invalid'],
    ['now', 'invalid'],
  ])('time %j is %j', (raw, expected) => {
    expect(value('updatedAt', raw, (row) => row.instant('updatedAt'))).toBe(expected);
  });

  it.each([
    ['19.9', 1_990],
    ['¥1,234.50', 123_450],
    ['0', 0],
    ['19.999', 'invalid'],
    ['-1', 'invalid'],
    ['1e3', 'invalid'],
  ])('amount %j is %j', (raw, expected) => {
    expect(value('price', raw, (row) => row.major('price'))).toBe(expected);
  });

  it.each([
    ['JPY', '1,980', 1_980],
    ['JPY', '1980.00', 1_980],
    ['JPY', '900000000000', MONEY_MAX_MINOR],
    ['JPY', '19.9', 'expected: an amount such as 20'],
    ['CNY', '9000000000', MONEY_MAX_MINOR],
    ['CNY', '9000000000.01', 'expected: an amount such as 19.90'],
    ['CNY', '19.', 'expected: an amount such as 19.90'],
    ['CNY', '0.05', 5],
    ['KWD', '19.9', 19_900],
    ['KWD', '0.0005', 'expected: an amount such as 19.900'],
    ['CLF', '1.0005', 10_005],
    ['CLF', '1.00005', 'expected: an amount such as 19.9000'],
  ])('an amount in %s has the decimals of that currency: %j is %j', (currency, raw, expected) => {
    const row = reader(raw, 'price', currency);
    const amountMinor = row.major('price');
    const [problem] = row.problems;
    expect(amountMinor ?? problem?.message.en.split('; ')[1]).toBe(expected);
    if (problem !== undefined) expect(problem.message['zh-CN']).toMatch(/金额，如 [\d.]+$/);
  });

  it('splits lists, drops doubles and refuses too many', () => {
    expect(value('tags', 'vip；常客、vip, 甜', (row) => row.list('tags', 5, 1, 64))).toEqual([
      'vip',
      '常客',
      '甜',
    ]);
    expect(value('tags', ['a', 'b'], (row) => row.list('tags', 2, 1, 64))).toEqual(['a', 'b']);
    expect(value('tags', 'a;b;c', (row) => row.list('tags', 2, 1, 64))).toBe('too-many');
    expect(value('tags', [], (row) => row.list('tags', 2, 1, 64))).toEqual([]);
    expect(value('tags', ' ', (row) => row.list('tags', 2, 1, 64))).toBeUndefined();
    expect(value('tags', { a: 1 }, (row) => row.list('tags', 2, 1, 64))).toBe('invalid');
  });

  it('never carries a character that the database cannot store', () => {
    expect(value('name', 'a\0b', (row) => row.text('name', 80))).toBe('encoding');
  });
});

describe('a refused value in a report', () => {
  it.each([
    ['name', '张三丰', '张*丰'],
    ['phone', '12ab', '****'],
    ['phone', '138001380001234567', '***************567'],
    ['cards', '2900010000015', '**********015'],
    ['birthday', '1990-02-30', '****-*2-30'],
    ['pin', '123', '***'],
    ['tier', 'g'.repeat(60), `${'g'.repeat(39)}…`],
    ['homeStoreId', 'xx-99', 'xx-99'],
    ['name', '张三13800138000', '张***********0'],
    ['memberId', '13800138000', '********000'],
    ['memberId', '138-0013-8000', '***-****-*000'],
    ['points', '138 0013 8000', '*** **** *000'],
    ['points', '-123456', '-123456'],
    ['homeStoreId', '张三丰', '***'],
    ['category', '１３８００１３８０００', '***'],
    ['status', 'zhang@example.com', '***'],
    ['updatedAt', '2026-13-45 08:30:00', '2026-13-45 08:30:00'],
    ['updatedAt', '13800138000', '***'],
    ['validUntil', '13-800138000', '***'],
    ['stores', '["xx-99","13800138000"]', '["xx-99","********000"]'],
  ])('%s %j shows as %j', (field, raw, expected) => {
    expect(maskValue(field, raw)).toBe(expected);
  });
});
