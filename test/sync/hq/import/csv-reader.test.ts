import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createCsvReader } from '../../../../sync/hq/import/csv-reader.ts';
import { IMPORT_ROW_MAX_CHARS } from '../../../../sync/hq/import/limits.ts';
import type { SourceRecord } from '../../../../sync/hq/import/source-record.ts';

function read(text: string, pieces: readonly number[] = [], delimiter = ','): SourceRecord[] {
  const reader = createCsvReader(delimiter);
  const records: SourceRecord[] = [];
  let at = 0;
  for (const length of pieces) {
    records.push(...reader.push(text.slice(at, at + length)));
    at += length;
  }
  records.push(...reader.push(text.slice(at)), ...reader.end());
  return records;
}

/** Cells or the fault, by row. */
function rows(text: string): [number, readonly string[] | string][] {
  return read(text).map(({ rowNo, content }) => [
    rowNo,
    content.kind === 'cells' ? content.cells : content.kind === 'fault' ? content.fault : '',
  ]);
}

describe('a CSV file', () => {
  it('is read with quotes, line breaks inside quotes, CRLF and without a last line break', () => {
    expect(rows('a,b\r\n"x, ""y""","1\n2"\r\n,\r\nlast,"q"')).toEqual([
      [1, ['a', 'b']],
      [2, ['x, "y"', '1\n2']],
      [4, ['last', 'q']],
    ]);
  });

  it('counts blank rows as a spreadsheet does', () => {
    expect(rows('a,b\n\n  ,\n1,2\n').map(([rowNo]) => rowNo)).toEqual([1, 4]);
  });

  it('loses only the row of a quote that is never closed', () => {
    expect(rows('a,b\n1,"open\n2,x\n3,y\n')).toEqual([
      [1, ['a', 'b']],
      [2, 'quote'],
      [3, ['2', 'x']],
      [4, ['3', 'y']],
    ]);
  });

  it('loses only the row of an open quote also where a later row has quotes of its own', () => {
    expect(rows('a,b\n1,"open\n2,"x"\n3,y\n')).toEqual([
      [1, ['a', 'b']],
      [2, 'quote'],
      [3, ['2', 'x']],
      [4, ['3', 'y']],
    ]);
  });

  it('takes a quote inside an unquoted cell as it stands', () => {
    expect(rows('a\n5" tall,b\n')[1]).toEqual([2, ['5" tall', 'b']]);
  });

  it('refuses a row one character over the limit and reads the next one', () => {
    const fits = `${'x'.repeat(IMPORT_ROW_MAX_CHARS)}`;
    expect(rows(`a\n${fits}\nnext\n`)).toEqual([
      [1, ['a']],
      [2, [fits]],
      [3, ['next']],
    ]);
    expect(rows(`a\n${fits}x\nnext\n`)).toEqual([
      [1, ['a']],
      [2, 'row-too-long'],
      [3, ['next']],
    ]);
  });

  it('does not hold more of an endless line than one row', () => {
    const reader = createCsvReader(',');
    const piece = 'x'.repeat(IMPORT_ROW_MAX_CHARS);
    const records = Array.from({ length: 200 }, () => reader.push(piece)).flat();
    expect(records.map(({ content }) => content)).toEqual([
      { kind: 'fault', fault: 'row-too-long' },
    ]);
    expect(reader.push('\nnext\n').map(({ rowNo }) => rowNo)).toEqual([2]);
  });

  it('gives the same records however its text is cut into pieces', () => {
    const cell = fc.oneof(
      fc.string({ maxLength: 6, unit: fc.constantFrom('a', '"', ',', '\n', '\r', '张', ' ') }),
      fc.constant('"quoted, ""x"""'),
    );
    const text = fc
      .array(fc.array(cell, { minLength: 1, maxLength: 4 }), { maxLength: 8 })
      .map((lines) => lines.map((cells) => cells.join(',')).join('\n'));
    fc.assert(
      fc.property(text, fc.array(fc.nat(5), { maxLength: 60 }), (source, pieces) => {
        expect(read(source, pieces)).toEqual(read(source));
      }),
      { numRuns: 500 },
    );
  });

  it('gives back every table that was written by the rules', () => {
    const cell = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r\n', '张', ' ', '') });
    const table = fc.array(fc.array(cell, { minLength: 2, maxLength: 3 }), {
      minLength: 1,
      maxLength: 6,
    });
    fc.assert(
      fc.property(table, fc.array(fc.nat(4), { maxLength: 40 }), (lines, pieces) => {
        const text = lines
          .map((cells) => cells.map((one) => `"${one.replaceAll('"', '""')}"`).join(','))
          .join('\r\n');
        const filled = lines.filter((cells) => cells.some((one) => one.trim() !== ''));
        const got = read(text, pieces).map(({ content }) =>
          content.kind === 'cells' ? content.cells : content,
        );
        expect(got).toEqual(filled);
      }),
      { numRuns: 300 },
    );
  });
});
