import type { Command } from 'commander';
import { text } from '../../contract/text.ts';
import { formatMinor } from '../../domain/benefits/format-money.ts';
import { both, type CommonOptions, complain, EXIT, print, withJsonOption } from './io.ts';
import { readBaskets } from './rules-baskets.ts';
import { type BasketChange, diffRules, type RulesDiff } from './rules-diff-compare.ts';
import { readRules } from './rules-read.ts';

/** Adds `rules diff`: what a change of rules would do to recorded baskets. */
export function registerRulesDiff(rules: Command): void {
  withJsonOption(
    rules
      .command('diff')
      .description('show which recorded baskets would change under other rules, and by how much'),
  )
    .argument('<old>', 'rule file in force (YAML or JSON)')
    .argument('<new>', 'rule file to compare it with')
    .requiredOption(
      '--baskets <file|dir>',
      'baskets as `rules try` takes them: one, a list, one a line (.jsonl), or a folder of files',
    )
    .action(diff);
}

function diff(
  oldFile: string,
  newFile: string,
  { json, baskets: path }: CommonOptions & { readonly baskets: string },
): void {
  const before = readRules(oldFile, json);
  const after = before === null ? null : readRules(newFile, json);
  if (before === null || after === null) return;
  const baskets = readBaskets(path);
  const compared = baskets.ok
    ? diffRules(before.ruleSet, after.ruleSet, baskets.value, Date.now())
    : baskets;
  if (!compared.ok) {
    return complain(json, {
      code: 'basket-unusable',
      message: text(`购物篮不能使用：${path}`, `The baskets cannot be used: ${path}`),
      remedy: text('按提示修正字段', 'Correct the field that is named'),
      detail: compared.error,
    });
  }
  print(json, compared.value, () => diffText(compared.value));
  process.exitCode = compared.value.changed > 0 ? EXIT.problems : EXIT.ok;
}

function diffText(compared: RulesDiff): string {
  const { currency, baskets, changed, payableMinor, pointsEarned, changes } = compared;
  const [paid, points] = [payableMinor.new - payableMinor.old, pointsEarned.new - pointsEarned.old];
  return [
    ...changes.map((change) => changeText(change, currency)),
    both(
      text(
        `${baskets} 个购物篮中 ${changed} 个会变化；应付合计 ${signed(paid, currency)}，积分合计 ${plus(points)}`,
        `${changed} of ${baskets} baskets would change; payable ${signed(paid, currency)}, points earned ${plus(points)} in all`,
      ),
    ),
  ].join('\n');
}

function changeText(change: BasketChange, currency: string): string {
  const { basket, payableMinor, pointsEarned, came, went } = change;
  const difference = payableMinor.new - payableMinor.old;
  return [
    basket,
    `${formatMinor(payableMinor.old, currency)} -> ${formatMinor(payableMinor.new, currency)} (${signed(difference, currency)})`,
    `points / 积分 ${pointsEarned.old} -> ${pointsEarned.new}`,
    ...came.map((id) => `+${id}`),
    ...went.map((id) => `-${id}`),
  ].join('  ');
}

function signed(amountMinor: number, currency: string): string {
  const sign = amountMinor > 0 ? '+' : amountMinor < 0 ? '-' : '';
  return `${sign}${formatMinor(Math.abs(amountMinor), currency)}`;
}

function plus(points: number): string {
  return points > 0 ? `+${points}` : String(points);
}
