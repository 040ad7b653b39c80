import type { HqSession } from '../../sync/hq/database/database.ts';

/** A node of a plan as `EXPLAIN (ANALYZE, FORMAT JSON)` tells it. */
interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly 'Rows Removed by Index Recheck'?: number;
  readonly Plans?: readonly PlanNode[];
}

/** How a statement read one table. */
export interface TableRead {
  /** e.g. `Seq Scan`, `Index Only Scan`. */
  readonly how: string;
  readonly table: string;
  readonly index: string | undefined;
  /** Rows that were read, also those that a filter then dropped. */
  readonly rows: number;
}

/** Runs a statement and tells which tables it read, and how. */
export async function readsOf(
  db: HqSession,
  sql: string,
  values: Parameters<HqSession['query']>[1] = [],
): Promise<TableRead[]> {
  const [line] = await db.query<{ 'QUERY PLAN': unknown }>(
    `EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) ${sql}`,
    values,
  );
  const told = line?.['QUERY PLAN'];
  const plans = (typeof told === 'string' ? JSON.parse(told) : told) as { Plan: PlanNode }[];
  return plans.flatMap(({ Plan }) => readsBelow(Plan));
}

function readsBelow(node: PlanNode): TableRead[] {
  const table = node['Relation Name'];
  const dropped =
    (node['Rows Removed by Filter'] ?? 0) + (node['Rows Removed by Index Recheck'] ?? 0);
  const own: TableRead[] =
    table === undefined
      ? []
      : [
          {
            how: node['Node Type'],
            table,
            // A bitmap of rows is made by a node below.
            index: node['Index Name'] ?? node.Plans?.[0]?.['Index Name'],
            rows: (node['Actual Rows'] + dropped) * node['Actual Loops'],
          },
        ];
  return [...own, ...(node.Plans ?? []).flatMap(readsBelow)];
}
