import type { z } from 'zod';
import { canonicalJson } from '../../../agent/domain/ledger/canonical-json.ts';
import type { HqSession } from '../database/database.ts';
import { isFeedKey } from '../records/feed-key.ts';
import { type RowProblem, rowProblem } from './import-problem.ts';
import { type ImportContext, type ImportTarget, type ReadRows, readRows } from './import-target.ts';
import type { RowReader } from './row-reader.ts';

/** What a row says, under the key that it is kept by. */
export interface KeyedDraft {
  readonly rowNo: number;
  readonly key: string;
  readonly facts: Readonly<Record<string, unknown>>;
}

export interface KeyedKind<Value> {
  readonly batchRows: number;
  readonly table: 'articles' | 'stores' | 'tags' | 'staff';
  readonly keyColumn: string;
  readonly keyField: string;
  /** Fields that a row of something that HQ does not have must bring, as the file calls them. */
  readonly needed: Readonly<Record<string, string>>;
  readonly schema: z.ZodType<Value>;
  /** The facts of a row; `undefined` fields say nothing. */
  read(reader: RowReader): Readonly<Record<string, unknown>>;
  /** What something that HQ does not have begins with. */
  defaults(context: ImportContext): Readonly<Record<string, unknown>>;
  /** Completes drafts outside of the transaction, e.g. hashes. */
  complete?(drafts: readonly KeyedDraft[], context: ImportContext): Promise<readonly KeyedDraft[]>;
  /** What the rows name that must be there; gives the refusals of a draft. */
  readonly check?: (tx: HqSession) => Promise<(draft: KeyedDraft) => readonly RowProblem[]>;
  write(tx: HqSession, values: readonly Value[]): Promise<void>;
}

/**
 * Rows that are found by one key: a key that HQ has is updated with what the row says, and of two rows with one key the
 * later wins.
 */
export function keyedTarget<Value>(kind: KeyedKind<Value>): ImportTarget<ReadRows<KeyedDraft>> {
  return {
    batchRows: kind.batchRows,
    async prepare(rows, context) {
      const read = readRows(rows, context, (reader, rowNo): KeyedDraft | undefined => {
        const key = reader.text(kind.keyField, 64);
        const facts = kind.read(reader);
        if (key !== undefined && !isFeedKey(key))
          reader.problem(kind.keyField, 'invalid', 'a text without line breaks, at most 64');
        if (reader.problems.length === 0 && key === undefined)
          reader.problem(kind.keyField, 'missing');
        if (reader.problems.length > 0 || key === undefined) return undefined;
        const said = Object.entries(facts).filter(([, value]) => value !== undefined);
        return { rowNo, key, facts: Object.fromEntries(said) };
      });
      const drafts = (await kind.complete?.(read.drafts, context)) ?? read.drafts;
      return { ...read, drafts };
    },
    keysOf: ({ drafts }) => drafts,
    async write(tx, { drafts, problems, refused }, context) {
      const result = { added: 0, changed: 0, merged: 0, refused, problems: [...problems] };
      const rows = await tx.query<{ key: string; body: string }>(
        `SELECT ${kind.keyColumn} AS key, body FROM ${kind.table}
         WHERE ${kind.keyColumn} = ANY($1::text[]) ORDER BY 1 FOR UPDATE`,
        [[...new Set(drafts.map(({ key }) => key))]],
      );
      const held = new Map(
        rows.map(({ key, body }) => [key, JSON.parse(body) as Record<string, unknown>]),
      );
      const changed = new Map<string, Value>();
      const faultsOf = await kind.check?.(tx);
      for (const draft of drafts) {
        const { rowNo, key, facts } = draft;
        const faults = faultsOf?.(draft) ?? [];
        if (faults.length > 0) {
          result.problems.push(...faults);
          result.refused += 1;
          continue;
        }
        const before = held.get(key);
        const merged = { ...(before ?? kind.defaults(context)), ...facts, [kind.keyField]: key };
        const lacking = Object.entries(kind.needed).filter(([field]) => !(field in merged));
        const parsed = kind.schema.safeParse(merged);
        if (lacking.length > 0 || !parsed.success) {
          const wrong = lacking.map(([, name]) =>
            rowProblem(rowNo, name, name === 'pin' ? 'pin-missing' : 'missing'),
          );
          const fields = new Set(parsed.error?.issues.map(({ path }) => String(path[0] ?? '')));
          if (wrong.length === 0) {
            wrong.push(...[...fields].map((field) => rowProblem(rowNo, field, 'invalid')));
          }
          result.problems.push(...wrong);
          result.refused += 1;
          continue;
        }
        const value = { ...merged, ...parsed.data } as Record<string, unknown> & Value;
        const same = before !== undefined && canonicalJson(before) === canonicalJson(value);
        if (before === undefined) result.added += 1;
        else if (!same) result.changed += 1;
        held.set(key, value);
        if (!same) changed.set(key, value);
      }
      await kind.write(tx, [...changed.values()]);
      return result;
    },
  };
}
