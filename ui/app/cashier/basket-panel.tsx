import type { ReactNode } from 'react';
import type { EvaluatedLine, Text } from '../../../agent/contract/index.ts';
import { Panel } from '../../kit/panel.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import css from './basket-panel.module.css';
import { LINES_SHOWN_MAX, type Sale } from './till-view.ts';
import { useFormat } from './use-format.ts';

/** What the POS rang up, with what each benefit took off each line. */
export function BasketPanel(props: {
  readonly sale: Sale | null;
  readonly articleNames: ReadonlyMap<string, Text>;
  readonly aside?: ReactNode;
}) {
  const { t, say } = useLanguage();
  const format = useFormat();
  const { sale, articleNames } = props;
  if (sale === null) {
    return (
      <Panel title={t('sale.title')} fill aside={props.aside}>
        <div className={css['empty']}>
          <p className={css['emptyTitle']}>{t('sale.empty')}</p>
          <p>{t('sale.emptyHint')}</p>
        </div>
      </Panel>
    );
  }
  const { lines, gifts, notices, outcomes } = sale.evaluation;
  const ruleNames = new Map(outcomes.map(({ ruleId, name }) => [ruleId, name]));
  const items = lines.reduce((sum, { qty }) => sum + qty, 0);
  const nameOf = (sku: string): string => {
    const name = articleNames.get(sku);
    return name === undefined ? sku : say(name);
  };
  return (
    <Panel
      title={`${t('sale.title')} · ${t('sale.items', { count: items })}`}
      fill
      aside={props.aside}
    >
      <ol className={css['lines']}>
        {lines.slice(0, LINES_SHOWN_MAX).map((line) => (
          <Line key={line.lineId} line={line} name={nameOf(line.sku)} ruleNames={ruleNames} />
        ))}
        {gifts.map(({ ruleId, sku, qty }) => (
          <li key={`${ruleId}-${sku}`} className={css['line']}>
            <span className={css['qty']}>{format.number(qty)} ×</span>
            <span className={css['name']}>
              {nameOf(sku)} <span className={css['gift']}>{t('sale.gift')}</span>
            </span>
            <span className={css['amount']}>{format.price(0)}</span>
          </li>
        ))}
      </ol>
      {lines.length > LINES_SHOWN_MAX ? (
        <p className={css['notice']}>
          {t('sale.moreLines', { number: format.number(lines.length - LINES_SHOWN_MAX) })}
        </p>
      ) : null}
      {notices.map((notice) => (
        <p key={`${notice.code}-${notice.field ?? ''}`} className={css['notice']}>
          {say(notice.text)}
        </p>
      ))}
    </Panel>
  );
}

function Line(props: {
  readonly line: EvaluatedLine;
  readonly name: string;
  readonly ruleNames: ReadonlyMap<string, Text>;
}) {
  const { say } = useLanguage();
  const format = useFormat();
  const { line } = props;
  return (
    <li className={css['line']}>
      <span className={css['qty']}>{format.number(line.qty)} ×</span>
      <span className={css['name']}>{props.name}</span>
      <span className={css['amount']}>
        {line.discountMinor > 0 ? <s>{format.price(line.listMinor)}</s> : null}
        <span>{format.price(line.payableMinor)}</span>
      </span>
      {line.discounts.length === 0 ? null : (
        <ul className={css['discounts']}>
          {line.discounts.map(({ ruleId, discountMinor }) => {
            const name = props.ruleNames.get(ruleId);
            return (
              <li key={`${ruleId}-${discountMinor}`}>
                <span>{name === undefined ? ruleId : say(name)}</span>
                <span>−{format.price(discountMinor)}</span>
              </li>
            );
          })}
        </ul>
      )}
    </li>
  );
}
