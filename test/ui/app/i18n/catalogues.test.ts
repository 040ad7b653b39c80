import { describe, expect, it } from 'vitest';
import { en } from '../../../../ui/app/i18n/en.ts';
import { zhCN } from '../../../../ui/app/i18n/zh-cn.ts';

type Node = string | { readonly [key: string]: Node };

function leaves(node: Node, path = ''): [string, string][] {
  if (typeof node === 'string') return [[path, node]];
  return Object.entries(node).flatMap(([key, child]) =>
    leaves(child, path === '' ? key : `${path}.${key}`),
  );
}

const chinese = leaves(zhCN);
const english = new Map(leaves(en));
const placeholders = (sentence: string): string[] =>
  [...sentence.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name ?? '').sort();

describe('the two catalogues', () => {
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
    // The one Chinese word of the English catalogue names the other language in its own script.
    const foreign = [...english].filter(
      ([key, sentence]) => /[\u4e00-\u9fff]/.test(sentence) && key !== 'app.switchLanguage',
    );
    expect(foreign).toEqual([]);
  });
});
