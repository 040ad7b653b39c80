import type { Command } from 'commander';
import { text } from '../../../agent/contract/text.ts';
import { digestStep, PASS_START, type PassPlace } from '../checks/digest-step.ts';
import type { HqDeps } from '../deps.ts';
import type { HqSystem } from './hq-system.ts';
import { both, EXIT, print, withHqOptions } from './io.ts';
import { type DatabaseOptions, withDatabase } from './with-database.ts';

/** Progress is said each time so many further rows are done. */
const SAY_EVERY_ROWS = 100_000;

interface Verified {
  readonly rows: number;
  readonly mendedRows: number;
  readonly mendedRoots: number;
  readonly damagedRows: number;
  readonly publishedRows: number;
}

/** `verify`: makes the digests of all rows anew at once, as headquarters does daily; exit 1 where any was wrong. */
export function registerVerify(program: Command, system: HqSystem): void {
  withHqOptions(
    program
      .command('verify')
      .description(
        'check the digests of every row that tills get against the rows, and put wrong ones right; exit 1 where any was wrong',
      ),
  ).action((options: DatabaseOptions) =>
    withDatabase(options, system, async ({ deps }) => {
      const verified = await verifyDigests(deps, (done, all) =>
        process.stderr.write(`${done} / ${Math.max(done, all)}\n`),
      );
      const { rows, mendedRows, mendedRoots, damagedRows, publishedRows } = verified;
      const ok = mendedRows + mendedRoots + damagedRows === 0;
      print(options.json, { ok, ...verified }, () =>
        both(
          ok
            ? text(`${rows} 行，摘要全部正确`, `${rows} rows, every digest is right`)
            : text(
                `${rows} 行，已更正 ${mendedRows} 行和 ${mendedRoots} 个汇总；${damagedRows} 行数据损坏，其中 ${publishedRows} 行已重新发布；请检查数据库和磁盘`,
                `${rows} rows, put right: ${mendedRows} rows and ${mendedRoots} sums; damaged: ${damagedRows} rows, of which ${publishedRows} were published anew; look at the database and its disk`,
              ),
        ),
      );
      if (!ok) process.exitCode = EXIT.problems;
    }),
  );
}

/** A whole pass without rests, beside whatever pass headquarters has under way. @param say rows done, and about how many there are */
export async function verifyDigests(
  { db, nowMs }: Pick<HqDeps, 'db' | 'nowMs'>,
  say: (done: number, all: number) => void,
  sayEveryRows: number = SAY_EVERY_ROWS,
): Promise<Verified> {
  const [known] = await db.query<{ rows: number }>(
    'SELECT coalesce(sum(rows), 0)::bigint AS rows FROM feed_roots',
  );
  const all = known?.rows ?? 0;
  const sum = { rows: 0, mendedRows: 0, mendedRoots: 0, damagedRows: 0, publishedRows: 0 };
  for (let place: PassPlace | null = PASS_START; place !== null; ) {
    const from: PassPlace = place;
    const step = await db.transaction((tx) => digestStep(tx, from, nowMs()));
    const saidBefore = Math.floor(sum.rows / sayEveryRows);
    sum.rows += step.rows;
    sum.mendedRows += step.mendedRows;
    sum.mendedRoots += step.mendedRoots;
    sum.damagedRows += step.damagedRows;
    sum.publishedRows += step.publishedRows;
    if (Math.floor(sum.rows / sayEveryRows) > saidBefore) say(sum.rows, all);
    place = step.place;
  }
  return sum;
}
