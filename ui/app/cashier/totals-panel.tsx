import { useLanguage } from '../i18n/use-language.ts';
import { SaleStepper } from './sale-stepper.tsx';
import type { Sale } from './till-view.ts';
import css from './totals-panel.module.css';
import { useFormat } from './use-format.ts';

/** What it comes to, always in the same corner. */
export function TotalsPanel({ sale }: { readonly sale: Sale | null }) {
  const { t } = useLanguage();
  const format = useFormat();
  const evaluation = sale?.evaluation;
  const { receipt } = sale ?? {};
  const points = evaluation?.points;
  return (
    <section className={css['panel']} aria-label={t('sale.total')}>
      {evaluation === undefined || sale === null ? null : (
        <dl className={css['rows']}>
          <div>
            <dt>{t('sale.list')}</dt>
            <dd>{format.price(evaluation.listMinor)}</dd>
          </div>
          <div className={css['off']}>
            <dt>{t('sale.discount')}</dt>
            <dd>−{format.price(evaluation.discountMinor)}</dd>
          </div>
          {points !== undefined && points.spent > 0 ? (
            <div className={css['minor']}>
              <dt>{t('sale.pointsSpent', { number: format.number(points.spent) })}</dt>
              <dd>−{format.price(points.spentMinor)}</dd>
            </div>
          ) : null}
          {sale.member === undefined ? null : (
            <div className={css['minor']}>
              <dt>{receipt === undefined ? t('sale.earn') : t('sale.earned')}</dt>
              <dd>{format.number(receipt?.pointsEarned ?? points?.earned ?? 0)}</dd>
            </div>
          )}
          {receipt?.pointsBalance === undefined ? null : (
            <div className={css['minor']}>
              <dt>{t('sale.balance')}</dt>
              <dd>{format.number(receipt.pointsBalance)}</dd>
            </div>
          )}
        </dl>
      )}
      <div className={css['due']}>
        <span>{sale?.state === 'COMMITTED' ? t('sale.paid') : t('sale.payable')}</span>
        <strong data-testid="payable">
          {evaluation === undefined ? '—' : format.price(evaluation.payableMinor)}
        </strong>
      </div>
      {sale === null ? null : <SaleStepper state={sale.state} />}
    </section>
  );
}
