import { describe, expect, it } from 'vitest';
import { createColumnMap, readHeader } from '../../../../sync/hq/import/column-map.ts';
import type { ImportKind } from '../../../../sync/hq/import/import-fields.ts';
import { IMPORT_COLUMNS_MAX } from '../../../../sync/hq/import/limits.ts';

function header(
  cells: readonly string[],
  mapping: Record<string, string> = {},
  kind: ImportKind = 'members',
): unknown {
  const map = createColumnMap(kind, mapping);
  if (!map.ok) return map.error.code;
  const read = readHeader(map.value, cells);
  if (!read.ok) return read.error.code;
  return {
    used: read.value.used.map(({ column, field }) => `${column}=${field}`),
    ignored: read.value.ignored,
  };
}

describe('the header of a file', () => {
  it('may name columns in Chinese or English, with remarks, spaces and full-width forms', () => {
    expect(
      header(['会员号（必填）', ' 姓 名 ', 'Phone_Number', 'ＧＳＲＮ', '卡号2', 'tags']),
    ).toEqual({
      used: [
        '会员号（必填）=memberId',
        '姓 名=name',
        'Phone_Number=phone',
        'ＧＳＲＮ=gsrn',
        '卡号2=cards',
        'tags=tags',
      ],
      ignored: [],
    });
  });

  it('tells yuan from fen', () => {
    expect(header(['会员号', '年消费(分)'])).toMatchObject({
      used: ['会员号=memberId', '年消费(分)=yearSpendMinor'],
    });
    expect(header(['会员号', '年消费(元)'])).toMatchObject({
      used: ['会员号=memberId', '年消费(元)=yearSpend'],
    });
  });

  it('takes other names where they are mapped, and leaves a column out where that is said', () => {
    expect(header(['VIP_NO', '姓名', '备用'], { VIP_NO: 'memberId', 姓名: '-' })).toEqual({
      used: ['VIP_NO=memberId'],
      ignored: ['姓名', '备用'],
    });
  });

  it('refuses a mapping to no field or from no column', () => {
    expect(header(['会员号'], { 会员号: 'shoeSize' })).toBe('mapping-wrong');
    expect(header(['会员号'], { VIP_NO: 'memberId' })).toBe('mapping-wrong');
  });

  it('refuses two columns for one field, unless it is a list', () => {
    expect(header(['会员号', '手机', 'mobile'])).toBe('header-repeated');
    expect(header(['会员号', '卡号1', '卡号2', '卡号3'])).toMatchObject({ ignored: [] });
  });

  it('refuses a file whose columns lack what finds a row', () => {
    expect(header(['姓名', '手机'])).toBe('header-unknown');
    expect(header(['»áÔ±ºÅ', 'ÐÕÃû'])).toBe('header-unknown');
  });

  it(`has ${IMPORT_COLUMNS_MAX} columns at most`, () => {
    const columns = (count: number): string[] => [
      '会员号',
      ...Array.from({ length: count - 1 }, (_, n) => `extra ${n}`),
    ];
    expect(header(columns(IMPORT_COLUMNS_MAX))).toMatchObject({ used: ['会员号=memberId'] });
    expect(header(columns(IMPORT_COLUMNS_MAX + 1))).toBe('too-many-columns');
  });
});
