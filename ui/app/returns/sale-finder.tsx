import { Button, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import type { SoldSale } from '../../../agent/contract/index.ts';
import { useEnv } from '../../kit/env.ts';
import { Notice } from '../../kit/notice.tsx';
import list from '../cashier/drawer-list.module.css';
import { useLanguage } from '../i18n/use-language.ts';
import { useAnswer } from '../kit/use-answer.ts';
import { useTask } from '../kit/use-task.ts';
import { type RecentSale, useReturnDesk } from './return-desk.ts';
import css from './return-flow.module.css';
import { ReturnProblem } from './return-problem.tsx';

/** Longest number that is looked for. */
const NUMBER_MAX_CHARS = 64;

/** Finds the sale that goods come back from: one of the latest, or by the number on its receipt. */
export function SaleFinder({ onFound }: { readonly onFound: (sale: SoldSale) => void }) {
  const { t } = useLanguage();
  const { desk } = useReturnDesk();
  const [number, setNumber] = useState('');
  const recent = useAnswer('recent', async () => ({ sales: await desk.recent() }));
  const open = useTask(async (id: string) => onFound(await desk.sale(id)));
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const typed = number.trim();
    if (typed !== '') void open.run(idOf(typed, recent.value?.sales ?? []));
  };
  return (
    <div className={css['stack']}>
      <form className={list['entry']} onSubmit={submit}>
        <TextInput
          label={t('returns.number')}
          description={t('returns.numberHint')}
          value={number}
          onChange={(event) => setNumber(event.currentTarget.value)}
          maxLength={NUMBER_MAX_CHARS}
          autoComplete="off"
          data-autofocus
        />
        <Button type="submit" loading={open.busy} disabled={number.trim() === ''}>
          {t('returns.find')}
        </Button>
      </form>
      <ReturnProblem problem={open.problem ?? recent.problem} />
      <h3 className={css['head']}>{t('returns.recent')}</h3>
      {recent.value?.sales === null ? (
        <Notice tone="info" title={t('returns.recentClosed')} />
      ) : recent.value?.sales.length === 0 ? (
        <div className={list['empty']}>
          <p>{t('returns.noRecent')}</p>
          <p>{t('returns.noRecentHint')}</p>
        </div>
      ) : (
        <ul className={list['list']} aria-label={t('returns.recent')}>
          {recent.value?.sales.map((sale) => (
            <Sale
              key={sale.saleId}
              sale={sale}
              busy={open.busy}
              onPick={() => void open.run(sale.saleId)}
            />
          ))}
        </ul>
      )}
    </div>
  );
}

/** The sale that a typed number means: the receipt's number of a listed one, else the number itself. */
function idOf(typed: string, recent: readonly RecentSale[]): string {
  const wanted = typed.toLowerCase();
  return recent.find(({ referenceId }) => referenceId.toLowerCase() === wanted)?.saleId ?? typed;
}

function Sale(props: {
  readonly sale: RecentSale;
  readonly busy: boolean;
  readonly onPick: () => void;
}) {
  const { t } = useLanguage();
  const { now } = useEnv();
  const { format, currency } = useReturnDesk();
  const { at, payableMinor, referenceId, maskedName } = props.sale;
  const time = format.moment(at, now());
  return (
    <li className={list['row']}>
      <div className={list['words']}>
        <p className={list['name']}>
          {t('returns.soldAt', { time, amount: format.money(payableMinor, currency) })}
        </p>
        <p className={list['facts']}>
          {t('register.reference', { id: referenceId })} · {maskedName ?? t('parked.guest')}
        </p>
      </div>
      <Button
        variant="default"
        disabled={props.busy}
        onClick={props.onPick}
        aria-label={`${t('returns.pick')}: ${referenceId}`}
      >
        {t('returns.pick')}
      </Button>
    </li>
  );
}
