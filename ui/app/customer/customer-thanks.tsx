import type { Sale } from '../cashier/till-view.ts';
import { useFormat } from '../cashier/use-format.ts';
import { useLanguage } from '../i18n/use-language.ts';
import css from './customer-page.module.css';
import type { Shopper } from './customer-scene.ts';

/** The sale is paid: thanks, what it came to, and what it brought. */
export function CustomerThanks(props: {
  readonly sale: Sale;
  readonly shopper: Shopper | undefined;
}) {
  const { t, say } = useLanguage();
  const format = useFormat();
  const { sale, shopper } = props;
  const { evaluation, receipt } = sale;
  const { payableMinor, discountMinor, outcomes } = evaluation;
  const earned = receipt?.pointsEarned ?? evaluation.points.earned;
  const nameOf = (ruleId: string): string => {
    const name = outcomes.find((outcome) => outcome.ruleId === ruleId)?.name;
    return name === undefined ? ruleId : say(name);
  };
  return (
    <div className={css['words']}>
      <p className={css['large']}>
        {shopper === undefined
          ? t('customer.thanks')
          : t('customer.thanksName', { name: shopper.maskedName })}
      </p>
      <dl className={css['figures']}>
        <Figure name={t('customer.paid')} value={format.price(payableMinor)} />
        {discountMinor === 0 ? null : (
          <Figure name={t('customer.saved')} value={format.price(discountMinor)} />
        )}
        {shopper === undefined ? null : (
          <>
            <Figure name={t('customer.earned')} value={`+${format.number(earned)}`} />
            <Figure name={t('customer.balance')} value={format.number(shopper.points)} />
          </>
        )}
      </dl>
      {evaluation.donations?.map(({ ruleId, amountMinor }) => (
        <p key={ruleId} className={css['hint']}>
          {t('customer.donated', { amount: format.price(amountMinor), name: nameOf(ruleId) })}
        </p>
      ))}
    </div>
  );
}

function Figure(props: { readonly name: string; readonly value: string }) {
  return (
    <div>
      <dt>{props.name}</dt>
      <dd>{props.value}</dd>
    </div>
  );
}
