import type { Condition } from '../../../agent/contract/condition.ts';
import { MONEY_MAX_MINOR } from '../../../agent/contract/money.ts';
import type { Rule } from '../../../agent/contract/rules.ts';
import { text } from '../../../agent/contract/text.ts';
import { firstRead } from '../../../agent/domain/benefits/condition/conjuncts.ts';
import { EFFECTS } from '../../../agent/domain/benefits/effects/effect-table.ts';
import { lintCoupon } from './lint-coupon.ts';
import type { Finding } from './rule-problem.ts';

/** Points for one minor unit, at most. */
const MOST_POINTS_PER_MINOR = Math.floor(Number.MAX_SAFE_INTEGER / MONEY_MAX_MINOR);

/** What can be said of one rule by itself, beside its types. */
export function lintRule(rule: Rule, usedSelectors: ReadonlySet<string>): Finding[] {
  return [
    ...lintLane(rule),
    ...lintWindow(rule),
    ...lintEffect(rule),
    ...lintCoupon(rule),
    ...lintSelectors(rule, usedSelectors),
    ...lintCondition(rule.condition),
  ];
}

function lintLane(rule: Rule): Finding[] {
  const { kind } = rule.effect;
  const { lanes } = EFFECTS[kind];
  if (lanes.includes(rule.lane)) return [];
  const message = text(
    `${kind} 不能放在 ${rule.lane} 通道，可用：${lanes.join('、')}`,
    `${kind} cannot stand in the lane ${rule.lane}; use ${lanes.join(', ')}`,
  );
  return [{ code: 'wrong-lane', field: ['lane'], message }];
}

function lintWindow(rule: Rule): Finding[] {
  const { from, to, daily } = rule.window ?? {};
  const findings: Finding[] = [];
  for (const [key, moment] of [
    ['from', from],
    ['to', to],
  ] as const) {
    if (moment === undefined || isCalendarDay(moment.slice(0, 10))) continue;
    findings.push({
      code: 'window-date',
      field: ['window', key],
      message: text(`没有这一天：${moment}`, `there is no such day: ${moment}`),
    });
  }
  // Filled up, ISO texts compare as they read: a day alone begins with its first second and ends with its last.
  if (
    from !== undefined &&
    to !== undefined &&
    `${from}T00:00:00`.slice(0, 19) > `${to}T23:59:59`.slice(0, 19)
  ) {
    findings.push({
      code: 'window-empty',
      field: ['window'],
      message: text('结束早于开始', 'it ends before it begins'),
    });
  }
  if (daily !== undefined && daily.from === daily.to) {
    findings.push({
      code: 'window-empty',
      field: ['window', 'daily'],
      message: text('每日时段为空', 'the daily span is empty'),
    });
  }
  return findings;
}

function isCalendarDay(day: string): boolean {
  const epochMs = Date.parse(`${day}T00:00:00Z`);
  return !Number.isNaN(epochMs) && new Date(epochMs).toISOString().startsWith(day);
}

function lintEffect(rule: Rule): Finding[] {
  const { effect } = rule;
  const wrong = (field: string, zhCN: string, en: string): Finding => ({
    code: 'effect-values',
    field: ['effect', field],
    message: text(zhCN, en),
  });
  switch (effect.kind) {
    case 'quantity-groups':
      return (effect.percentBp === undefined) === (effect.amountPerUnitMinor === undefined)
        ? [
            wrong(
              'kind',
              'percentBp 与 amountPerUnitMinor 必须且只能写一个',
              'give exactly one of percentBp and amountPerUnitMinor',
            ),
          ]
        : [];
    case 'bundle': {
      const { priceMinor, percentBp, amountMinor } = effect;
      return [priceMinor, percentBp, amountMinor].filter((value) => value !== undefined).length ===
        1
        ? []
        : [
            wrong(
              'kind',
              'priceMinor、percentBp 与 amountMinor 必须且只能写一个',
              'give exactly one of priceMinor, percentBp and amountMinor',
            ),
          ];
    }
    case 'percent-off-cheapest-unit':
      return effect.perUnits !== undefined && effect.units > effect.perUnits
        ? [
            wrong(
              'units',
              'units 不能大于 perUnits',
              'units must not be more than perUnits: no more units can be reduced than are bought',
            ),
          ]
        : [];
    case 'every-amount-off':
      return effect.amountMinor > effect.everyMinor
        ? [
            wrong(
              'amountMinor',
              'amountMinor 不能大于 everyMinor',
              'amountMinor must not be more than everyMinor: more would come off than is spent',
            ),
          ]
        : [];
    case 'donation':
      return effect.amountMinor > effect.perMinor
        ? [
            wrong(
              'amountMinor',
              'amountMinor 不能大于 perMinor',
              'amountMinor must not be more than perMinor: more would be given than is paid',
            ),
          ]
        : [];
    case 'tiered-percent-items':
    case 'tiered-fixed-order':
    case 'spend-tier': {
      const thresholds = effect.steps.map((step) => step.fromMinor);
      return thresholds.some((from, index) => index > 0 && from <= (thresholds[index - 1] ?? 0))
        ? [wrong('steps', '档位必须从低到高且不重复', 'steps must rise, without repetition')]
        : [];
    }
    case 'points-earn':
      // The largest basket times this rate still has to lie within 2^53.
      return effect.points > effect.perMinor * MOST_POINTS_PER_MINOR
        ? [
            {
              code: 'amount-overflow',
              field: ['effect', 'points'],
              message: text(
                '积分可能超出 2^53',
                'points for the largest basket would leave 2^53; raise perMinor',
              ),
            },
          ]
        : [];
    default:
      return [];
  }
}

function lintSelectors(rule: Rule, used: ReadonlySet<string>): Finding[] {
  return Object.keys(rule.select)
    .filter((name) => !used.has(name))
    .map((name) => ({
      severity: 'warning',
      code: 'unused-selector',
      field: ['select', name],
      message: text(`选择器 ${name} 没有被使用`, `the selector ${name} is not used`),
    }));
}

function lintCondition(condition: Condition | null): Finding[] {
  if (condition === null || firstRead(condition) !== undefined) return [];
  return [
    {
      severity: 'warning',
      code: 'constant-condition',
      field: ['when'],
      message: text(
        '条件不读取任何数据，结果永远相同',
        'the condition reads nothing, so it always answers the same',
      ),
    },
  ];
}
