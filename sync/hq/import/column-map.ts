import { err, ok, type Result } from '../../../agent/contract/result.ts';
import { toAscii } from '../../../agent/domain/identify/to-ascii.ts';
import { type ImportFailure, importFailure } from './import-failure.ts';
import { IMPORT_FIELDS, type ImportField, type ImportKind } from './import-fields.ts';
import { IMPORT_COLUMNS_MAX } from './limits.ts';
import { maskLongNumbers } from './mask-value.ts';

/** In `--map COLUMN=-`: leave this column out. */
export const IGNORED = '-';

/** Which field each name means. */
export interface ColumnMap {
  /** The field of a column or JSON key; `undefined` where nobody knows it. */
  fieldOf(column: string): ImportField | undefined;
  /** What `--map` names must be among the columns of a CSV file. */
  readonly mapped: readonly string[];
  readonly required: readonly string[];
}

/** The columns of one CSV file. */
export interface Header {
  /** One for each column; `null` = left out. */
  readonly fields: readonly (ImportField | null)[];
  readonly used: readonly { readonly column: string; readonly field: string }[];
  readonly ignored: readonly string[];
}

/**
 * Knows the names of a kind's fields: the field itself, its names in both languages, and what `mapping` says beside them.
 * Case, spaces, underscores, full-width forms and remarks in brackets (手机（必填）) make no difference; list fields may
 * end in a number (卡号2).
 */
export function createColumnMap(
  kind: ImportKind,
  mapping: Readonly<Record<string, string>> = {},
): Result<ColumnMap, ImportFailure> {
  const fields = IMPORT_FIELDS[kind];
  const known = new Map<string, ImportField>();
  for (const field of fields) {
    for (const name of [field.field, ...field.names]) known.set(plain(name), field);
  }
  const chosen = new Map<string, ImportField | null>();
  for (const [column, fieldName] of Object.entries(mapping)) {
    const field = fields.find(({ field: name }) => name === fieldName);
    if (field === undefined && fieldName !== IGNORED) {
      return err(importFailure('mapping-wrong', `${column}=${fieldName}`));
    }
    chosen.set(column.trim(), field ?? null);
  }
  const seen = new Map<string, ImportField | undefined>();
  const find = (column: string): ImportField | undefined => {
    const name = column.trim();
    if (chosen.has(name)) return chosen.get(name) ?? undefined;
    const exact = known.get(plain(name)) ?? known.get(plain(withoutRemarks(name)));
    if (exact !== undefined) return exact;
    const numbered = known.get(plain(withoutRemarks(name)).replace(/\d+$/, ''));
    return numbered?.list === true ? numbered : undefined;
  };
  return ok({
    fieldOf(column) {
      if (!seen.has(column)) {
        // JSON lines may bring other keys in every row; what they mean is not worth keeping for ever.
        if (seen.size >= IMPORT_COLUMNS_MAX) seen.clear();
        seen.set(column, find(column));
      }
      return seen.get(column);
    },
    mapped: [...chosen.keys()],
    required: fields.filter(({ required }) => required).map(({ field }) => field),
  });
}

/** Reads the first row of a CSV file. */
export function readHeader(
  map: ColumnMap,
  cells: readonly string[],
): Result<Header, ImportFailure> {
  if (cells.length > IMPORT_COLUMNS_MAX) {
    return err(importFailure('too-many-columns', `${cells.length} > ${IMPORT_COLUMNS_MAX}`));
  }
  const names = cells.map((cell) => cell.trim());
  const missing = map.mapped.find((column) => !names.includes(column));
  if (missing !== undefined) return err(importFailure('mapping-wrong', missing));
  const fields = names.map((name) => (name === '' ? null : (map.fieldOf(name) ?? null)));
  const used: { column: string; field: string }[] = [];
  const ignored: string[] = [];
  for (const [index, column] of names.entries()) {
    const field = fields[index];
    if (field === null || field === undefined) {
      if (column !== '') ignored.push(column);
      continue;
    }
    const before = used.find((one) => one.field === field.field);
    if (before !== undefined && field.list !== true) {
      return err(importFailure('header-repeated', `${before.column}, ${column} = ${field.field}`));
    }
    used.push({ column, field: field.field });
  }
  const lacking = map.required.filter((name) => !used.some(({ field }) => field === name));
  if (lacking.length > 0) {
    // A file without a header row begins with somebody.
    const shown = maskLongNumbers(names.slice(0, 8).join(', ')).slice(0, 200);
    return err(importFailure('header-unknown', `${lacking.join(', ')} <- ${shown}`));
  }
  return ok({ fields, used, ignored });
}

function plain(name: string): string {
  return toAscii(name)
    .toLowerCase()
    .replace(/[\s_\-()*:.]+/g, '');
}

function withoutRemarks(name: string): string {
  return toAscii(name).replace(/[([].*?[)\]]/g, '');
}
