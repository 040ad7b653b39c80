import type { ReturnQuote } from '../../../agent/contract/index.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { useReturnDesk } from './return-desk.ts';
import css from './return-flow.module.css';

/** The refund, large, and how it comes about. */
export function QuoteFigures({ quote }: { readonly quote: ReturnQuote }) {
  const { t } = useLanguage();
  const { format } = useReturnDesk();
  const money = (minor: number): string => format.money(minor, quote.currency);
  const { paidMinor, takenBackMinor, addedMinor, giftsMinor, refundMinor, pointsBalance } = quote;
  return (
    <section className={css['refund']} aria-label={t('returns.refund')}>
      <div className={css['large']}>
        <span>{t('returns.refund')}</span>
        <strong data-testid="refund">{money(refundMinor)}</strong>
      </div>
      <dl className={css['rows']}>
        <Row name={t('returns.paidShare')} value={money(paidMinor)} />
        {takenBackMinor === 0 ? null : (
          <Row name={t('returns.takenBack')} value={`−${money(takenBackMinor)}`} />
        )}
        {addedMinor === undefined ? null : (
          <Row name={t('returns.added')} value={`+${money(addedMinor)}`} />
        )}
        {giftsMinor === 0 ? null : (
          <Row name={t('returns.giftsPaid')} value={`−${money(giftsMinor)}`} />
        )}
        {pointsBalance === undefined ? null : (
          <Row
            name={t('returns.points')}
            value={t('returns.pointsTurn', {
              before: format.number(pointsBalance.before),
              after: format.number(pointsBalance.after),
            })}
          />
        )}
      </dl>
    </section>
  );
}

function Row(props: { readonly name: string; readonly value: string }) {
  return (
    <div>
      <dt>{props.name}</dt>
      <dd>{props.value}</dd>
    </div>
  );
}
