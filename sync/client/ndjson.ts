import { err, ok, type Result } from '../../agent/contract/result.ts';

const LINE_FEED = 10;

export interface LineParser {
  /** Takes bytes as they come; answers the lines that they ended, or that a line is too long. */
  push(bytes: Uint8Array): Result<readonly string[], { readonly code: 'line-too-long' }>;
  /** Bytes of the line that has not ended. */
  pendingBytes(): number;
}

/**
 * Splits newline-delimited JSON. A line that exceeds the limit is refused as soon as it does, wherever it would end, so
 * that no more than the limit is ever held.
 */
export function createLineParser(maxLineBytes: number): LineParser {
  let parts: Uint8Array[] = [];
  let pendingBytes = 0;
  return {
    push(bytes) {
      const lines: string[] = [];
      let from = 0;
      for (let at = bytes.indexOf(LINE_FEED); at !== -1; at = bytes.indexOf(LINE_FEED, from)) {
        if (pendingBytes + at - from > maxLineBytes) return err({ code: 'line-too-long' });
        parts.push(bytes.subarray(from, at));
        const line = Buffer.concat(parts).toString('utf8');
        if (line.trim() !== '') lines.push(line);
        parts = [];
        pendingBytes = 0;
        from = at + 1;
      }
      pendingBytes += bytes.byteLength - from;
      if (pendingBytes > maxLineBytes) return err({ code: 'line-too-long' });
      if (from < bytes.byteLength) parts.push(bytes.subarray(from));
      return ok(lines);
    },
    pendingBytes: () => pendingBytes,
  };
}
