import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { maskName } from '../../../../agent/domain/privacy/mask-name.ts';

describe('a masked name', () => {
  test.each([
    ['王', '*'],
    ['张三', '张*'],
    ['王小明', '王*明'],
    ['欧阳娜娜', '欧**娜'],
    [' 王 小明 ', '王*明'],
    ['𠮷野家', '𠮷*家'],
    ['Anna Smith', 'A*** S***'],
    ['Bo Li', 'B*** L***'],
    ['Ann', 'A***'],
    ['X', '***'],
    ['   ', '***'],
    ['Østerberg', 'Ø***'],
  ])('of %s is %s', (name, masked) => {
    expect(maskName(name)).toBe(masked);
  });

  test('never is the name', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 80, unit: 'grapheme' }), (name) => {
        fc.pre(!/^[*\s]*$/.test(name));
        expect(maskName(name)).not.toBe(name);
      }),
    );
  });
});
