import type { TFunction } from 'i18next';
import type { Format } from '../../kit/format.ts';
import { Notice } from '../../kit/notice.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import type { Problem } from '../kit/problem.ts';
import { useReturnDesk } from './return-desk.ts';

/** Why a return does not go on, with the facts of the refusal in words for whoever stands at the counter. */
export function ReturnProblem({ problem }: { readonly problem: Problem | null }) {
  const { t, say } = useLanguage();
  const { format } = useReturnDesk();
  if (problem === null) return null;
  return (
    <Notice tone="bad" title={say(problem.message)}>
      {whatNext(problem, t, format) ?? say(problem.hint)}
    </Notice>
  );
}

/** What to do next where the refusal names a fact that its own hint leaves to the program; null elsewhere. */
export function whatNext(
  { code, data }: Problem,
  t: TFunction<'screen'>,
  format: Pick<Format, 'day' | 'number'>,
): string | null {
  const fact = (name: string): string | undefined => {
    const value = data?.[name];
    return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
  };
  switch (code) {
    case 'return-window-over': {
      const until = fact('until');
      return until === undefined ? null : t('returns.windowOver', { day: format.day(until) });
    }
    case 'return-elsewhere': {
      const till = fact('tillId');
      return till === undefined ? null : t('returns.elsewhere', { till });
    }
    case 'gift-not-due': {
      const due = fact('due');
      return due === undefined
        ? null
        : t('returns.giftNotDue', { due: format.number(Number(due)) });
    }
    case 'return-too-much': {
      const left = fact('unitsLeft');
      return left === undefined
        ? null
        : t('returns.tooMuch', { number: format.number(Number(left)) });
    }
    case 'return-quote-differs':
      return t('returns.quoteDiffers');
    default:
      return null;
  }
}
