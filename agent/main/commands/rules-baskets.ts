import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { err, ok, type Result } from '../../contract/result.ts';
import { readTextFile } from './read-input-file.ts';

/** Largest basket file, in bytes. */
export const BASKET_FILE_MAX_BYTES = 64 * 1024 * 1024;
/** Most baskets that are compared in one run. */
export const DIFF_MAX_BASKETS = 100_000;

export interface RecordedBasket {
  /** File, with the place in it where it holds several. */
  readonly name: string;
  /** As `rules try` takes it; not checked yet. */
  readonly value: unknown;
}

/**
 * Reads recorded baskets: a folder of YAML and JSON files, or one file that holds a basket, a list of baskets, or one
 * basket a line (`.jsonl`). The error is a sentence.
 */
export function readBaskets(path: string): Result<RecordedBasket[], string> {
  let files: string[];
  try {
    files = statSync(path).isDirectory()
      ? readdirSync(path)
          .filter((name) => /\.(ya?ml|jsonl?)$/.test(name))
          .sort()
          .map((name) => join(path, name))
      : [path];
  } catch (cause) {
    return err(cause instanceof Error ? cause.message : String(cause));
  }
  const baskets: RecordedBasket[] = [];
  for (const file of files) {
    const read = readTextFile(file, BASKET_FILE_MAX_BYTES);
    if (!read.ok) return err(`${read.error.message.en}: ${read.error.detail}`);
    const values = valuesOf(file, read.value);
    if (!values.ok) return err(`${file}: ${values.error}`);
    for (const [position, value] of values.value.entries()) {
      const name = values.value.length === 1 ? file : `${file}#${position + 1}`;
      baskets.push({ name, value });
    }
    if (baskets.length > DIFF_MAX_BASKETS) return err(`more than ${DIFF_MAX_BASKETS} baskets`);
  }
  return baskets.length === 0 ? err(`${path}: no basket found`) : ok(baskets);
}

function valuesOf(file: string, source: string): Result<unknown[], string> {
  try {
    if (file.endsWith('.jsonl')) {
      const lines = source.split('\n').filter((line) => line.trim() !== '');
      return ok(lines.map((line): unknown => JSON.parse(line)));
    }
    const value: unknown = file.endsWith('.json') ? JSON.parse(source) : parse(source);
    return ok(Array.isArray(value) ? value : [value]);
  } catch (cause) {
    return err(cause instanceof Error ? cause.message : String(cause));
  }
}
