import { expect, test } from 'vitest';
import { gs1Sentences } from '../../../../agent/domain/gs1/gs1-sentences.ts';
import { parseStrict } from '../../../../agent/domain/gs1/parse-gs1.ts';

test('a fault is told with its AI, its name, why, where and what to do next, in both languages', () => {
  const read = parseStrict({ text: ']C18018401234523435439654' });
  if (read.ok) throw new Error('a wrong check digit was accepted');
  const { why, next } = gs1Sentences(read.error);
  expect(why.en).toBe('(8018) GSRN - RECIPIENT: The check digit is wrong (character 25)');
  expect(why['zh-CN']).toContain('(8018) GSRN - RECIPIENT：校验位不对');
  expect(next.en).toContain('Scan it once more');
  expect(next['zh-CN']).toContain('再扫一次');
});

test('a pair is told with both of its AIs', () => {
  const read = parseStrict({ text: ']C18111' + '0250' });
  if (read.ok) throw new Error('points without a coupon were accepted');
  expect(gs1Sentences(read.error).why.en).toBe(
    '(8111) POINTS: An element that must stand beside it is missing (255) (character 4)',
  );
});
