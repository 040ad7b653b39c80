import { Button, TextInput } from '@mantine/core';
import type { FormEvent } from 'react';
import { StatusMark } from '../../kit/status-mark.tsx';
import list from '../cashier/drawer-list.module.css';
import { useLanguage } from '../i18n/use-language.ts';
import { isComplete, type ReturnChoice, withEverything, withUnits } from './return-choice.ts';
import { useReturnDesk } from './return-desk.ts';
import css from './return-flow.module.css';
import { UnitStepper } from './unit-stepper.tsx';
import { useSkuNames } from './use-sku-names.ts';

const REASONS = ['quality', 'unfit', 'tooMany', 'wrong'] as const;

/** Which goods of a sale come back, and why. */
export function UnitChooser(props: {
  readonly choice: ReturnChoice;
  readonly onChoice: (choice: ReturnChoice) => void;
  readonly onBack: () => void;
  readonly onReady: () => void;
}) {
  const { t } = useLanguage();
  const { choice, onChoice } = props;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (isComplete(choice)) props.onReady();
  };
  return (
    <form className={css['stack']} onSubmit={submit}>
      <SaleFacts choice={choice} />
      <div className={css['title']}>
        <h3 className={css['head']}>{t('returns.choose')}</h3>
        <Button variant="default" onClick={() => onChoice(withEverything(choice))}>
          {t('returns.everything')}
        </Button>
      </div>
      <Lines choice={choice} onChoice={onChoice} />
      <TextInput
        label={t('returns.reason')}
        value={choice.reason}
        onChange={(event) => onChoice({ ...choice, reason: event.currentTarget.value })}
        maxLength={200}
        required
      />
      <div className={css['reasons']}>
        {REASONS.map((each) => (
          <Button
            key={each}
            variant="default"
            px={12}
            onClick={() => onChoice({ ...choice, reason: t(`returns.reasons.${each}`) })}
          >
            {t(`returns.reasons.${each}`)}
          </Button>
        ))}
      </div>
      <div className={css['actions']}>
        <Button variant="default" onClick={props.onBack}>
          {t('returns.otherSale')}
        </Button>
        <Button type="submit" disabled={!isComplete(choice)}>
          {t('returns.showQuote')}
        </Button>
      </div>
    </form>
  );
}

/** Whose sale it was, where it was made and how long it may come back. */
function SaleFacts({ choice: { sale, foundBy } }: { readonly choice: ReturnChoice }) {
  const { t } = useLanguage();
  const { format } = useReturnDesk();
  const { origin, tillId, at, payableMinor, currency, referenceId, maskedName } = sale;
  return (
    <div className={css['facts']}>
      <p className={css['sale']}>
        {t('returns.soldAt', {
          time: format.fullMoment(at),
          amount: format.money(payableMinor, currency),
        })}
      </p>
      <p className={list['facts']}>
        {foundBy === undefined ? '' : `${t(`returns.foundBy.${foundBy}`)} · `}
        {t('register.reference', { id: referenceId })} · {maskedName ?? t('parked.guest')}
        {sale.returnUntil === undefined
          ? ''
          : ` · ${t('returns.until', { day: format.day(sale.returnUntil) })}`}
      </p>
      <StatusMark tone={origin === 'this-till' ? 'ok' : 'info'}>
        {origin === 'this-till'
          ? t('returns.fromHere')
          : t('returns.fromHeadquarters', { till: tillId })}
      </StatusMark>
    </div>
  );
}

function Lines(props: {
  readonly choice: ReturnChoice;
  readonly onChoice: (choice: ReturnChoice) => void;
}) {
  const { t, say } = useLanguage();
  const { format } = useReturnDesk();
  const { sale, units } = props.choice;
  const nameOf = useSkuNames(sale.lines.map(({ sku }) => sku));
  return (
    <ul className={list['list']}>
      {sale.lines.map(({ lineId, sku, qty, unitsLeft, payableMinor, benefits }) => (
        <li key={lineId} className={list['row']}>
          <div className={list['words']}>
            <p className={list['name']}>{nameOf(sku)}</p>
            <p className={list['facts']}>
              {[
                unitsLeft === 0
                  ? t('returns.allBack')
                  : t('returns.left', {
                      number: format.number(unitsLeft),
                      all: format.number(qty),
                    }),
                t('returns.paid', { amount: format.money(payableMinor, sale.currency) }),
                ...benefits.map(say),
              ].join(' · ')}
            </p>
          </div>
          {unitsLeft === 0 ? null : (
            <UnitStepper
              name={nameOf(sku)}
              value={units.get(lineId) ?? 0}
              max={unitsLeft}
              onChange={(value) => props.onChoice(withUnits(props.choice, lineId, value))}
            />
          )}
        </li>
      ))}
    </ul>
  );
}
