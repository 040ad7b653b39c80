import { useEffect, useRef } from 'react';
import type { EvaluatedLine } from '../../../agent/contract/index.ts';
import { useTill } from '../cashier/till-context.ts';
import { LINES_SHOWN_MAX, nearMissesOnShow, type Sale } from '../cashier/till-view.ts';
import { useFormat } from '../cashier/use-format.ts';
import { useLanguage } from '../i18n/use-language.ts';
import css from './customer-basket.module.css';

/** Offers that a shopper is told of; more would be a catalogue. */
export const OFFERS_SHOWN_MAX = 2;

/** What is rung up, what was saved, what it comes to, and what a little more would bring. */
export function CustomerBasket(props: { readonly sale: Sale; readonly isGuest: boolean }) {
  const { t } = useLanguage();
  const format = useFormat();
  const { sale, isGuest } = props;
  const { lines, listMinor, discountMinor, payableMinor, points } = sale.evaluation;
  const items = lines.reduce((sum, { qty }) => sum + qty, 0);
  return (
    <div className={css['both']}>
      <Lines sale={sale} />
      <div className={css['side']}>
        <Offers />
        <section className={css['total']} aria-label={t('customer.toPay')}>
          <dl className={css['rows']}>
            {discountMinor === 0 ? null : (
              <>
                <Row name={t('customer.list')} value={format.price(listMinor)} />
                <Row name={t('customer.saved')} value={format.price(discountMinor)} isGood />
              </>
            )}
            {points.spent === 0 ? null : (
              <Row name={t('customer.spent')} value={format.number(points.spent)} />
            )}
            {isGuest ? null : (
              <Row name={t('customer.earn')} value={`+${format.number(points.earned)}`} />
            )}
          </dl>
          {isGuest ? <p className={css['hint']}>{t('customer.welcomeHint')}</p> : null}
          <p className={css['due']}>
            <span>
              {t('customer.toPay')} <small>{t('customer.items', { count: items })}</small>
            </span>
            <strong data-testid="to-pay">{format.price(payableMinor)}</strong>
          </p>
        </section>
      </div>
    </div>
  );
}

function Row(props: { readonly name: string; readonly value: string; readonly isGood?: boolean }) {
  return (
    <div className={props.isGood === true ? css['good'] : undefined}>
      <dt>{props.name}</dt>
      <dd>{props.value}</dd>
    </div>
  );
}

/** The lines; the one rung up last stays in sight. */
function Lines({ sale }: { readonly sale: Sale }) {
  const { t } = useLanguage();
  const format = useFormat();
  const nameOf = useArticleName();
  const end = useRef<HTMLLIElement>(null);
  const { lines, gifts } = sale.evaluation;
  const shown = lines.slice(-LINES_SHOWN_MAX);
  const last = lines.at(-1);
  useEffect(() => {
    if (last !== undefined) end.current?.scrollIntoView({ block: 'end' });
  }, [last]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: keyboards scroll only what they can reach (WCAG 2.1.1).
    <section className={css['list']} aria-label={t('sale.title')} tabIndex={0}>
      <ol>
        {lines.length > shown.length ? (
          <li className={css['more']}>
            {t('customer.more', { number: format.number(lines.length - shown.length) })}
          </li>
        ) : null}
        {shown.map((line) => (
          <Line key={line.lineId} line={line} name={nameOf(line.sku)} />
        ))}
        {gifts.map(({ ruleId, sku, qty }) => (
          <li key={`${ruleId}-${sku}`} className={css['line']}>
            <span className={css['name']}>
              {nameOf(sku)} <span className={css['gift']}>{t('customer.gift')}</span>
            </span>
            <span className={css['qty']}>× {format.number(qty)}</span>
            <span className={css['amount']}>{t('customer.free')}</span>
          </li>
        ))}
        <li ref={end} aria-hidden="true" />
      </ol>
    </section>
  );
}

function Line({ line, name }: { readonly line: EvaluatedLine; readonly name: string }) {
  const { t } = useLanguage();
  const format = useFormat();
  return (
    <li className={css['line']}>
      <span className={css['name']}>{name}</span>
      <span className={css['qty']}>× {format.number(line.qty)}</span>
      <span className={css['amount']}>
        {format.price(line.payableMinor)}
        {line.discountMinor === 0 ? null : (
          <small className={css['saved']}>
            {t('customer.savedLine', { amount: format.price(line.discountMinor) })}
          </small>
        )}
      </span>
    </li>
  );
}

/** What a little more would bring, as an offer. */
function Offers() {
  const { t, say } = useLanguage();
  const nearMisses = nearMissesOnShow(useTill().view).slice(0, OFFERS_SHOWN_MAX);
  if (nearMisses.length === 0) return null;
  return (
    <section className={css['offers']} aria-label={t('customer.offer')}>
      <h2>{t('customer.offer')}</h2>
      <ul>
        {nearMisses.map(({ ruleId, text }) => (
          <li key={ruleId}>{say(text)}</li>
        ))}
      </ul>
    </section>
  );
}

function useArticleName(): (sku: string) => string {
  const { say } = useLanguage();
  const { articleNames } = useTill().view;
  return (sku) => {
    const name = articleNames.get(sku);
    return name === undefined ? sku : say(name);
  };
}
