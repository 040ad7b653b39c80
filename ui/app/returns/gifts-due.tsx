import { Checkbox } from '@mantine/core';
import type { ReturnQuote } from '../../../agent/contract/index.ts';
import list from '../cashier/drawer-list.module.css';
import { useLanguage } from '../i18n/use-language.ts';
import { useReturnDesk } from './return-desk.ts';
import css from './return-flow.module.css';
import { UnitStepper } from './unit-stepper.tsx';
import { useSkuNames } from './use-sku-names.ts';

/** A gift that is due back, whichever rules gave it. */
interface GiftDue {
  readonly sku: string;
  readonly due: number;
  readonly payMinor: number;
}

/** The gifts that go with the goods returned: brought back piece by piece, or paid for. */
export function GiftsDue(props: {
  readonly quote: ReturnQuote;
  /** Pieces brought, by SKU. */
  readonly brought: ReadonlyMap<string, number>;
  readonly onBrought: (sku: string, pieces: number) => void;
}) {
  const { t } = useLanguage();
  const { format } = useReturnDesk();
  const gifts = bySku(props.quote);
  const nameOf = useSkuNames(gifts.map(({ sku }) => sku));
  if (gifts.length === 0) return null;
  return (
    <section aria-label={t('returns.gifts')}>
      <h3 className={css['head']}>{t('returns.gifts')}</h3>
      <ul className={list['list']}>
        {gifts.map(({ sku, due, payMinor }) => {
          const brought = Math.min(due, props.brought.get(sku) ?? 0);
          return (
            <li key={sku} className={list['row']}>
              <div className={list['words']}>
                <p className={list['name']}>{nameOf(sku)}</p>
                <p className={list['facts']}>
                  {t('returns.giftUnits', { due: format.number(due) })}
                  {brought === due
                    ? ''
                    : ` · ${
                        payMinor === 0
                          ? t('returns.giftNoPay')
                          : t('returns.giftPay', {
                              amount: format.money(payMinor, props.quote.currency),
                            })
                      }`}
                </p>
              </div>
              {due === 1 ? (
                <Checkbox
                  size="48px"
                  aria-label={t('returns.giftBack', { name: nameOf(sku) })}
                  checked={brought === 1}
                  onChange={(event) => props.onBrought(sku, event.currentTarget.checked ? 1 : 0)}
                />
              ) : (
                <UnitStepper
                  name={nameOf(sku)}
                  value={brought}
                  max={due}
                  onChange={(pieces) => props.onBrought(sku, pieces)}
                />
              )}
            </li>
          );
        })}
      </ul>
    </section>
  );
}

function bySku({ gifts }: ReturnQuote): GiftDue[] {
  const found = new Map<string, GiftDue>();
  for (const { sku, due, payMinor } of gifts) {
    const before = found.get(sku) ?? { sku, due: 0, payMinor: 0 };
    found.set(sku, { sku, due: before.due + due, payMinor: before.payMinor + payMinor });
  }
  return [...found.values()];
}
