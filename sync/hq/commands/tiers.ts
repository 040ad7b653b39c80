import type { Command } from 'commander';
import { monthSchema } from '../../../agent/contract/member.ts';
import { text } from '../../../agent/contract/text.ts';
import { formatMinor } from '../../../agent/domain/benefits/format-money.ts';
import { HQ_ERRORS } from '../../protocol/hq-error.ts';
import {
  runTiers,
  type TierChange,
  type TierRun,
  type TierRunRefusal,
} from '../books/tier-run/run-tiers.ts';
import type { HqSystem } from './hq-system.ts';
import { both, type Complaint, complain, EXIT, print, withHqOptions } from './io.ts';
import { type DatabaseOptions, withDatabase } from './with-database.ts';

/** Changes that the text form names. */
const CHANGES_SHOWN_MAX = 50;

interface Options extends DatabaseOptions {
  readonly month: string;
  readonly dryRun?: boolean;
}

/** `tiers --month YYYY-MM`: the monthly run over member tiers. */
export function registerTiers(program: Command, system: HqSystem): void {
  withHqOptions(
    program
      .command('tiers')
      .description('judge member tiers by the spend after returns; the only thing that lowers one')
      .requiredOption('--month <YYYY-MM>', 'the month that is over')
      .option('--dry-run', 'say what would change, with what it is judged by, and change nothing'),
  ).action((options: Options) => run(options, system));
}

async function run(options: Options, system: HqSystem): Promise<void> {
  const { json, month, dryRun = false } = options;
  if (!monthSchema.safeParse(month).success)
    return complain(json, {
      code: 'invalid-input',
      message: text(`不是月份：${month}`, `Not a month: ${month}`),
      remedy: text('写成 YYYY-MM，例如 2026-10', 'Write it as YYYY-MM, such as 2026-10'),
    });
  await withDatabase(options, system, async ({ deps }) => {
    const done = await runTiers(deps, { month, dryRun });
    if (!done.ok) return complain(json, complaintOf(done.error), EXIT.problems);
    print(json, done.value, () => said(done.value, deps.currency));
  });
}

function complaintOf(refusal: TierRunRefusal): Complaint {
  switch (refusal.code) {
    case 'month-not-over':
      return {
        code: refusal.code,
        message: text('这个月还没有结束', 'This month is not over'),
        remedy: text(
          `等到 ${refusal.running} 结束，或者运行更早的月份`,
          `Wait until ${refusal.running} is over, or run a month before it`,
        ),
      };
    case 'month-before-last-run':
      return {
        code: refusal.code,
        message: text(
          `${refusal.lastMonth} 已经运行过`,
          `${refusal.lastMonth} was run before, and judged by later figures`,
        ),
        remedy: text(
          `运行 ${refusal.lastMonth} 或更晚的月份`,
          `Run ${refusal.lastMonth} again or a later month`,
        ),
      };
    case 'tiers-missing':
      return {
        code: refusal.code,
        message: text('没有会员等级设置', 'The setting tiers is missing or empty'),
        remedy: text(
          '先写设置 tiers：等级从低到高及其年度消费',
          'Write the setting tiers first: the tiers and the spend of a year that reaches each',
        ),
      };
    default: {
      const { message, hint } = HQ_ERRORS[refusal.code];
      return { code: refusal.code, message, remedy: hint };
    }
  }
}

function said({ month, dryRun, judged, changed, changes }: TierRun, currency: string): string {
  const shown = changes.slice(0, CHANGES_SHOWN_MAX);
  const head = dryRun
    ? text(
        `${month}：${judged} 名会员，${changed} 名将变更（试运行，未改动）`,
        `${month}: ${judged} members judged, ${changed} would change (nothing was written)`,
      )
    : text(
        `${month}：${judged} 名会员，${changed} 名变更`,
        `${month}: ${judged} members judged, ${changed} changed`,
      );
  const left = changed - shown.length;
  return [
    both(head),
    ...shown.map((change) => `  ${changeText(change, currency)}`),
    ...(left > 0 ? [`  ... ${left}`] : []),
  ].join('\n');
}

function changeText({ memberId, from, to, inputs }: TierChange, currency: string): string {
  const figures = Object.entries({ ...inputs.yearsMinor, ...inputs.monthsMinor }).map(
    ([when, spentMinor]) => `${when} ${formatMinor(spentMinor, currency)}`,
  );
  const granted = inputs.granted.length === 0 ? '' : `; granted ${inputs.granted.join(', ')}`;
  return `${memberId}: ${from} -> ${to} (given ${inputs.tierGiven}; ${figures.join(', ')}${granted})`;
}
