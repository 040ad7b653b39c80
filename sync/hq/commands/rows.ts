import type { Command } from 'commander';
import { type Text, text } from '../../../agent/contract/text.ts';
import { type ByHand, LISTED_MAX, listDamaged, publishByHand } from '../checks/rows-by-hand.ts';
import type { HqSystem } from './hq-system.ts';
import { both, complain, EXIT, print, withHqOptions } from './io.ts';
import { type DatabaseOptions, withDatabase } from './with-database.ts';

interface RowOptions extends DatabaseOptions {
  readonly scope: string;
  readonly table: string;
  readonly key: string;
}

const DONE: Readonly<Record<Exclude<ByHand, 'unknown'>, Text>> = {
  published: text('已按原始数据重新发布', 'Published anew from its source'),
  removed: text('原始数据中没有，已发布为删除', 'Its source does not have it: published as gone'),
};

/** `rows`: published rows that are damaged, and putting one right where only a person can decide. */
export function registerRows(program: Command, system: HqSystem): void {
  const rows = program
    .command('rows')
    .description('rows that tills get: list the damaged ones, publish one anew');

  withHqOptions(
    rows
      .command('damaged')
      .description(`list damaged rows, ${LISTED_MAX} at most; exit 1 where there are any`),
  ).action((options: DatabaseOptions) =>
    withDatabase(options, system, async ({ deps }) => {
      const damaged = await listDamaged(deps.db);
      print(options.json, { damaged }, () =>
        damaged.length === 0
          ? both(text('没有损坏的数据', 'No row is damaged'))
          : damaged
              .map(({ scope, tbl, key }) => `--scope '${scope}' --table ${tbl} --key '${key}'`)
              .join('\n'),
      );
      if (damaged.length > 0) process.exitCode = EXIT.problems;
    }),
  );

  withHqOptions(
    rows
      .command('publish')
      .description('publish a row as its source has it, or as gone where its source does not')
      .requiredOption('--scope <scope>', 'store id, or * for every store, as the list says it')
      .requiredOption('--table <table>', 'table, as the list says it')
      .requiredOption('--key <key>', 'key, as the list says it'),
  ).action((options: RowOptions) =>
    withDatabase(options, system, async ({ deps }) => {
      const { scope, table: tbl, key } = options;
      const done = await deps.db.transaction((tx) => publishByHand(tx, { scope, tbl, key }));
      if (done === 'unknown')
        return complain(options.json, {
          code: 'row-unknown',
          message: text('没有这一行', 'There is no such row'),
          remedy: text(
            '按 till hq rows damaged 列出的范围、表和键填写',
            'Give scope, table and key as till hq rows damaged lists them',
          ),
        });
      return print(options.json, { done }, () => both(DONE[done]));
    }),
  );
}
