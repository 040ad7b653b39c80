import type { RuleDifference } from '../../../sync/protocol/accuracy.ts';
import { useLanguage } from '../i18n/use-language.ts';
import type { Messages } from '../i18n/zh-cn.ts';
import { useOverview } from '../overview-context.ts';
import { useFormat } from '../use-format.ts';

type Words = Messages['accuracy'];

/** How the page of trigger accuracy says causes, weeks, shares and what became of a rule. */
export function useAccuracyWords() {
  const { t, language } = useLanguage();
  const format = useFormat();
  const overview = useOverview();
  const share = new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 2 });

  return {
    /** Rounded down, so that nothing below the floor reads like it. */
    percent: (rate: number | null): string =>
      rate === null ? '—' : share.format(Math.floor(rate * 10_000) / 10_000),
    /** A week as `2026-W47`. */
    week: (week: string): string =>
      t('accuracy.week', { year: week.slice(0, 4), week: Number(week.slice(6)) }),
    cause: (cause: string): string => t(`accuracy.cause_.${cause as keyof Words['cause_']}`),
    /** A fact of a member; one without a word of ours is shown by its name. */
    fact: (name: string): string =>
      t(`accuracy.fields.${name as keyof Words['fields']}`, { defaultValue: name }),
    verdict(verdict: RuleDifference['till']): string {
      if (verdict === null) return t('accuracy.nothing');
      if (verdict.status === 'refused') return t('accuracy.refused');
      const { discountMinor, points, tierAfter, gifts = {}, donatedMinor } = verdict;
      const parts = [
        ...(discountMinor === 0 || overview === null
          ? []
          : [format.money(-discountMinor, overview.currency)]),
        ...(points === 0 ? [] : [t('accuracy.points', { count: points })]),
        ...(tierAfter === undefined ? [] : [t('accuracy.tier', { tier: tierAfter })]),
        ...Object.entries(gifts).map(([sku, count]) => t('accuracy.gift', { sku, count })),
        ...(donatedMinor === undefined || overview === null
          ? []
          : [t('accuracy.donated', { amount: format.money(donatedMinor, overview.currency) })]),
      ];
      return parts.length === 0 ? t('accuracy.applied') : parts.join(' ');
    },
  };
}
