import { staffRowSchema } from '../../../sync/protocol/feed.ts';
import { articleSchema } from '../../contract/index.ts';
import { toGtin14 } from '../repositories/article-rows.ts';
import type { Found, HeldRow } from '../sync/held-rows.ts';
import { readBody } from '../sync/read-body.ts';
import type { ChecksParts } from './create-checks-store.ts';
import type { Mend } from './scrub.ts';

/** Columns of a row as its body says them; `undefined` = the body cannot be read, and so proves nothing. */
type ColumnsOf = (body: string) => Found | undefined;

function articleColumns(body: string): Found | undefined {
  const read = readBody(body, articleSchema);
  if (!read.ok) return undefined;
  const { gtin, name } = read.value;
  return {
    gtin14: gtin === undefined ? null : toGtin14(gtin),
    name_zh: name['zh-CN'],
    name_en: name.en,
  };
}

function staffColumns(body: string): Found | undefined {
  const read = readBody(body, staffRowSchema);
  if (!read.ok) return undefined;
  const { name, role, active, pinHash } = read.value;
  return { name, role, active: active ? 1 : 0, pin_hash: pinHash };
}

/** Staff and articles are found by columns that repeat what their bodies say. */
export function createMendStaffAndArticles({
  tableOf,
}: Pick<ChecksParts, 'tableOf'>): Record<'staff' | 'article', Mend> {
  const mend =
    (table: string, columnsOf: ColumnsOf): Mend =>
    (rows) => {
      let mended = 0;
      for (const row of rows) {
        // What was written here has no body of headquarters to go by.
        const right = row.ver > 0 ? columnsOf(row.body) : undefined;
        if (right === undefined || fits(row, right)) continue;
        const fed = tableOf(table);
        if (fed.put(row.key, row.ver, row.body, fed.find(row.key)) === undefined) mended += 1;
      }
      return mended;
    };
  return { staff: mend('staff', staffColumns), article: mend('article', articleColumns) };
}

function fits(row: HeldRow & Found, right: Found): boolean {
  return Object.entries(right).every(([column, value]) => row[column] === value);
}
