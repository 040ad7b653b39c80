import { IMPORT_ROW_MAX_CHARS } from './limits.ts';
import type { RecordReader, SourceRecord } from './source-record.ts';

const QUOTE = '"';
/** Characters of an overlong row that are kept to show where it is. */
const SHOWN_CHARS = 200;

interface Quoted {
  readonly cells: string[];
  /** Index behind the record and its line break. */
  readonly next: number;
}

/**
 * Reads CSV (RFC 4180) record by record. A quote that is never closed, or that is followed by anything but a separator,
 * costs its own line only: the reader goes on with the next line instead of swallowing rows up to the next quote. The
 * records do not depend on how the text was cut into pieces.
 * @param delimiter one character
 */
export function createCsvReader(delimiter: string): RecordReader {
  let rest = '';
  let rowNo = 0;
  let skippingLine = false;

  const take = (final: boolean): SourceRecord[] => {
    const records: SourceRecord[] = [];
    let at = 0;
    for (;;) {
      const lineBreak = rest.indexOf('\n', at);
      const lineEnd = lineBreak < 0 ? rest.length : lineBreak;
      if (skippingLine) {
        if (lineBreak < 0) {
          at = rest.length;
          break;
        }
        skippingLine = false;
        at = lineBreak + 1;
        continue;
      }
      if (lineEnd - at > IMPORT_ROW_MAX_CHARS) {
        rowNo += 1;
        const raw = rest.slice(at, at + SHOWN_CHARS);
        records.push({ rowNo, raw, content: { kind: 'fault', fault: 'row-too-long' } });
        skippingLine = true;
        continue;
      }
      if (lineBreak < 0 && (!final || at >= rest.length)) break;
      const line = withoutReturn(rest.slice(at, lineEnd));
      if (!line.includes(QUOTE)) {
        rowNo += 1;
        at = lineBreak < 0 ? rest.length : lineBreak + 1;
        pushCells(records, rowNo, line, line.split(delimiter));
        continue;
      }
      const quoted = readQuoted(rest, at, delimiter, final);
      if (quoted === 'more') break;
      rowNo += 1;
      if (quoted === 'fault') {
        at = lineBreak < 0 ? rest.length : lineBreak + 1;
        records.push({ rowNo, raw: line, content: { kind: 'fault', fault: 'quote' } });
        continue;
      }
      pushCells(records, rowNo, rest.slice(at, quoted.next), quoted.cells);
      at = quoted.next;
    }
    rest = rest.slice(at);
    return records;
  };

  return {
    push(text) {
      rest = rest === '' ? text : rest + text;
      return take(false);
    },
    end: () => take(true),
  };
}

/** Rows without content, as spreadsheets leave behind, only count. */
function pushCells(records: SourceRecord[], rowNo: number, raw: string, cells: string[]): void {
  if (cells.every((cell) => cell.trim() === '')) return;
  records.push({ rowNo, raw, content: { kind: 'cells', cells } });
}

/** Reads one record with quotes. `more`: its end may lie in text that is still to come. */
function readQuoted(
  text: string,
  start: number,
  delimiter: string,
  final: boolean,
): Quoted | 'fault' | 'more' {
  const limit = start + IMPORT_ROW_MAX_CHARS;
  const cells: string[] = [];
  let at = start;
  for (;;) {
    let cell: string;
    if (text[at] === QUOTE) {
      const closed = readQuotedCell(text, at, limit);
      if (closed === null) return final || text.length > limit ? 'fault' : 'more';
      cell = closed.cell;
      at = closed.next;
      // What follows the quote decides, so it must be there to be seen.
      const behind = text.startsWith('\r\n', at) ? '\n' : text[at];
      if (behind === undefined || (behind === '\r' && at + 1 === text.length)) {
        if (!final) return 'more';
        return { cells: [...cells, cell], next: text.length };
      }
      if (behind !== delimiter && behind !== '\n') return 'fault';
    } else {
      const separator = indexOrEnd(text, delimiter, at);
      const lineBreak = indexOrEnd(text, '\n', at);
      const end = Math.min(separator, lineBreak);
      if (end === text.length && !final) return text.length > limit ? 'fault' : 'more';
      cell = end === lineBreak ? withoutReturn(text.slice(at, end)) : text.slice(at, end);
      at = end;
    }
    cells.push(cell);
    if (at - start > IMPORT_ROW_MAX_CHARS) return 'fault';
    if (at >= text.length) return { cells, next: at };
    if (text[at] === delimiter) at += 1;
    else return { cells, next: text.startsWith('\r\n', at) ? at + 2 : at + 1 };
  }
}

function readQuotedCell(
  text: string,
  start: number,
  limit: number,
): { cell: string; next: number } | null {
  let from = start + 1;
  for (;;) {
    const quote = text.indexOf(QUOTE, from);
    if (quote < 0 || quote > limit) return null;
    if (text[quote + 1] !== QUOTE) {
      return { cell: text.slice(start + 1, quote).replaceAll('""', QUOTE), next: quote + 1 };
    }
    from = quote + 2;
  }
}

function indexOrEnd(text: string, search: string, from: number): number {
  const index = text.indexOf(search, from);
  return index < 0 ? text.length : index;
}

function withoutReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}
