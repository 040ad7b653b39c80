import type { ReturnQuote } from '../../../agent/contract/index.ts';
import { Notice } from '../../kit/notice.tsx';
import { ToneShape } from '../../kit/status-mark.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import css from './return-flow.module.css';

/** What the member would not have any more, in plain words, and why the kept goods were worked out again. */
export function QuoteLosses({ quote }: { readonly quote: ReturnQuote }) {
  const { t, say } = useLanguage();
  return (
    <>
      {quote.mode === 'recompute' ? (
        <Notice tone="info" title={t('returns.recompute')}>
          {t('returns.recomputeHint')}
        </Notice>
      ) : null}
      {quote.keptBecause === undefined ? null : (
        <Notice tone="info" title={say(quote.keptBecause)} />
      )}
      {quote.losses.length === 0 ? (
        quote.pointsBalance === undefined ? null : (
          <Notice tone="ok" title={t('returns.losesNothing')} />
        )
      ) : (
        <section className={css['losses']} aria-label={t('returns.loses')}>
          <h3>{t('returns.loses')}</h3>
          <ul>
            {quote.losses.map(({ code, ruleId, text }) => (
              <li key={`${code}-${ruleId ?? ''}-${text.en}`}>
                <ToneShape tone="warn" size={20} />
                <span>{say(text)}</span>
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}
