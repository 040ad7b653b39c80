import { describe, expect, it } from 'vitest';
import { IMPORT_BATCH_MAX_CHARS } from '../../../../sync/hq/import/limits.ts';
import { openRowSource } from '../../../../sync/hq/import/row-source.ts';
import { must } from '../../../support/hq-database.ts';
import { testFile } from './import-support.ts';

/** Lengths of the batches of a file. */
async function batchesOf(content: string, rows: number): Promise<number[]> {
  const source = must(await openRowSource({ kind: 'members', path: testFile('a.csv', content) }));
  const lengths: number[] = [];
  for await (const batch of source.batches(rows)) lengths.push(batch.length);
  await source.close();
  return lengths;
}

describe('the rows of a file', () => {
  it('come in batches of the rows asked for, the last one with the rest', async () => {
    const line = (n: number) => `m-${n},x\n`;
    const lines = Array.from({ length: 25 }, (_, n) => line(n)).join('');
    expect(await batchesOf(`会员号,备注\n${lines}`, 10)).toEqual([10, 10, 5]);
  });

  it('come in smaller batches where they are long', async () => {
    const rowChars = 32_768;
    const line = (n: number) => `${`m-${n},`.padEnd(rowChars, 'x')}\n`;
    const perBatch = IMPORT_BATCH_MAX_CHARS / rowChars;
    const lines = Array.from({ length: perBatch + 2 }, (_, n) => line(n)).join('');
    expect(await batchesOf(`会员号,备注\n${lines}`, 1_000)).toEqual([perBatch, 2]);
  });

  it('may be separated by semicolons or tabs', async () => {
    for (const mark of [';', '\t']) {
      const path = testFile('a.csv', `会员号${mark}姓名\nm-1${mark}张,三\n`);
      const source = must(await openRowSource({ kind: 'members', path }));
      const { value } = await source.batches(10).next();
      await source.close();
      expect(value?.[0]?.values).toEqual({ memberId: 'm-1', name: '张,三' });
    }
  });
});
