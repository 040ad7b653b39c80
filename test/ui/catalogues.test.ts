import { describe, expect, it } from 'vitest';
import { en as appEn } from '../../ui/app/i18n/en.ts';
import { zhCN as appZhCN } from '../../ui/app/i18n/zh-cn.ts';
import { en as hqEn } from '../../ui/hq/i18n/en.ts';
import { zhCN as hqZhCN } from '../../ui/hq/i18n/zh-cn.ts';

type Node = string | { readonly [key: string]: Node };

function leaves(node: Node, path = ''): [string, string][] {
  if (typeof node === 'string') return [[path, node]];
  return Object.entries(node).flatMap(([key, child]) =>
    leaves(child, path === '' ? key : `${path}.${key}`),
  );
}

const placeholders = (sentence: string): string[] =>
  [...sentence.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name ?? '').sort();

describe.each([
  { program: 'the till', chinese: leaves(appZhCN), english: new Map(leaves(appEn)) },
  {
    program: 'the console of headquarters',
    chinese: leaves(hqZhCN),
    english: new Map(leaves(hqEn)),
  },
])('the two catalogues of $program', ({ chinese, english }) => {
  it('have the same keys', () => {
    expect([...english.keys()].sort()).toEqual(chinese.map(([key]) => key).sort());
  });

  it('fill the same facts into each sentence', () => {
    const differ = chinese.filter(
      ([key, sentence]) =>
        placeholders(sentence).join() !== placeholders(english.get(key) ?? '').join(),
    );
    expect(differ.map(([key]) => key)).toEqual([]);
  });

  it('leave no sentence empty and none in the wrong language', () => {
    expect(chinese.filter(([, sentence]) => sentence.trim() === '')).toEqual([]);
    expect([...english].filter(([, sentence]) => sentence.trim() === '')).toEqual([]);
    expect([...english].filter(([, sentence]) => /[\u4e00-\u9fff]/.test(sentence))).toEqual([]);
  });
});
