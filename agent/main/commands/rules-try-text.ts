import type { Evaluation } from '../../contract/evaluation.ts';
import { formatMinor } from '../../domain/benefits/format-money.ts';

/** An evaluation for people: lines, sums, then every rule with its sentence in both languages. */
export function evaluationText(evaluation: Evaluation): string {
  const money = (amountMinor: number): string =>
    formatMinor(amountMinor, evaluation.currency).padStart(10);
  const rows = [
    ...evaluation.lines.map(
      (line) =>
        `${line.lineId.padEnd(12)} ${line.sku.padEnd(20)} x${String(line.qty).padEnd(4)} ${money(line.listMinor)} ${money(-line.discountMinor)} ${money(line.payableMinor)}`,
    ),
    '',
    `${evaluation.currency} ${money(evaluation.listMinor)} - ${money(evaluation.discountMinor).trim()} = ${money(evaluation.payableMinor).trim()}; points / 积分 +${evaluation.points.earned} -${evaluation.points.spent}`,
    ...evaluation.gifts.map((gift) => `gift / 赠品 ${gift.sku} x${gift.qty}`),
    ...evaluation.entitlements.map((entitlement) => `entitlement / 权益 ${entitlement.kind}`),
    '',
    ...evaluation.outcomes.map(
      (outcome) =>
        `${outcome.status.padEnd(15)} ${outcome.code.padEnd(22)} ${outcome.ruleId}: ${outcome.text.en} / ${outcome.text['zh-CN']}`,
    ),
    ...evaluation.notices.map(
      (notice) =>
        `${notice.code.padEnd(38)} ${notice.field ?? ''}: ${notice.text.en} / ${notice.text['zh-CN']}`,
    ),
  ];
  return rows.join('\n');
}
