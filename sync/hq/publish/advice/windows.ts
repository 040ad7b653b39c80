import type { Text } from '../../../../agent/contract/text.ts';
import { text } from '../../../../agent/contract/text.ts';
import { type Advice, type AdvisedRule, type AdvisedSet, advise } from './advised-set.ts';

/** Windows that can be read in two ways. */
export function adviseWindows({ rules }: AdvisedSet): Advice[] {
  return rules.flatMap((one) => {
    const unclear = unclearPart(one);
    return unclear === null ? [] : [advise(one, 'window-ambiguous', ...unclear)];
  });
}

function unclearPart({ rule: { window = {} } }: AdvisedRule): [string[], Text] | null {
  const { from, to, weekdays, daily } = window;
  if (from !== undefined && from === to && from.includes('T'))
    return [['window'], text('开始与结束是同一时刻', 'it begins and ends at the same moment')];
  if (to !== undefined && /T00:00(:00)?$/.test(to)) {
    return [
      ['window', 'to'],
      text(
        '在午夜结束：结束时刻含当秒，这一天本身不包括在内',
        'it ends at midnight: but for its first second that day is not in it',
      ),
    ];
  }
  if (to !== undefined && /T23:59$/.test(to)) {
    return [
      ['window', 'to'],
      text('23:59 之后的 59 秒不包括在内', 'the 59 seconds after 23:59 are not in it'),
    ];
  }
  if (from?.includes('T') === true && to?.includes('T') === false && !from.startsWith(to)) {
    return [
      ['window', 'to'],
      text(
        '开始写了时刻而结束只写了日期：到当天最后一秒为止',
        'it begins at a time but ends on a day alone: it runs to the last second of that day',
      ),
    ];
  }
  return weekdays !== undefined && daily !== undefined && overMidnight(daily, weekdays)
    ? [
        ['window', 'daily'],
        text(
          '时段跨过午夜，而次日不在所写的星期内：午夜后的部分不生效',
          'it runs over midnight into a day that is not among its weekdays: the part after midnight is closed',
        ),
      ]
    : null;
}

function overMidnight(daily: { from: string; to: string }, weekdays: readonly number[]): boolean {
  const wraps = daily.to < daily.from && daily.to !== '00:00';
  return wraps && weekdays.some((day) => !weekdays.includes((day % 7) + 1));
}
