import { IMPORT_ROW_MAX_CHARS } from './limits.ts';
import type { RecordReader, SourceRecord } from './source-record.ts';

const SHOWN_CHARS = 200;

/** Reads JSON lines: one object a line. A line that is no object is a fault of its own. */
export function createJsonLinesReader(): RecordReader {
  let rest = '';
  let rowNo = 0;
  let skippingLine = false;

  const take = (final: boolean): SourceRecord[] => {
    const records: SourceRecord[] = [];
    let at = 0;
    while (at < rest.length) {
      const lineBreak = rest.indexOf('\n', at);
      const lineEnd = lineBreak < 0 ? rest.length : lineBreak;
      const next = lineBreak < 0 ? rest.length : lineBreak + 1;
      if (skippingLine) {
        skippingLine = lineBreak < 0;
        at = next;
        continue;
      }
      if (lineEnd - at > IMPORT_ROW_MAX_CHARS) {
        rowNo += 1;
        const raw = rest.slice(at, at + SHOWN_CHARS);
        records.push({ rowNo, raw, content: { kind: 'fault', fault: 'row-too-long' } });
        skippingLine = lineBreak < 0;
        at = next;
        continue;
      }
      if (lineBreak < 0 && !final) break;
      rowNo += 1;
      const line = rest.slice(at, lineEnd).trim();
      if (line !== '') records.push({ rowNo, raw: line, content: contentOf(line) });
      at = next;
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

function contentOf(line: string): SourceRecord['content'] {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return { kind: 'object', object: value as Record<string, unknown> };
    }
  } catch {
    // The fault below says so, with the row's number.
  }
  return { kind: 'fault', fault: 'json-syntax' };
}
