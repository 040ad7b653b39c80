import { Button, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import type { SoldSale } from '../../../agent/contract/index.ts';
import { useEnv } from '../../kit/env.ts';
import { Notice } from '../../kit/notice.tsx';
import list from '../cashier/drawer-list.module.css';
import { useLanguage } from '../i18n/use-language.ts';
import { useAnswer } from '../kit/use-answer.ts';
import { useTask } from '../kit/use-task.ts';
import { type FoundBy, type FoundSales, findSale } from './find-sale.ts';
import { type RecentSale, useReturnDesk } from './return-desk.ts';
import css from './return-flow.module.css';
import { ReturnProblem } from './return-problem.tsx';

/** Longest number that is looked for. */
const NUMBER_MAX_CHARS = 64;

/** Finds the sale that goods come back from: one of the latest, or by a number on its receipt. */
export function SaleFinder(props: {
  /** @param by absent = picked from a list */
  readonly onFound: (sale: SoldSale, by?: FoundBy) => void;
}) {
  const { t } = useLanguage();
  const { desk } = useReturnDesk();
  const [number, setNumber] = useState('');
  const [search, setSearch] = useState<Exclude<FoundSales, { kind: 'one' }> | null>(null);
  const recent = useAnswer('recent', () => desk.recent());
  const pick = useTask(async (id: string) => props.onFound(await desk.sale(id)));
  const find = useTask(async (typed: string) => {
    setSearch(null);
    const found = await findSale(desk, typed);
    if (found.kind === 'one') props.onFound(found.sale, found.by);
    else setSearch(found);
  });
  const busy = pick.busy || find.busy;
  const several = search?.kind === 'several';
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    pick.clear();
    const typed = number.trim();
    if (typed !== '') void find.run(typed);
  };
  const sales = several ? search.sales : recent.value;
  const heading = several ? t('returns.several') : t('returns.recent');
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
        <Button type="submit" loading={find.busy} disabled={number.trim() === ''}>
          {t('returns.find')}
        </Button>
      </form>
      <ReturnProblem problem={find.problem ?? pick.problem ?? recent.problem} />
      {search?.kind === 'none' ? (
        <Notice tone="bad" title={t('returns.notFound')}>
          {t('returns.notFoundHint')}
        </Notice>
      ) : null}
      <h3 className={css['head']}>{heading}</h3>
      {sales?.length === 0 ? (
        <div className={list['empty']}>
          <p>{t('returns.noRecent')}</p>
          <p>{t('returns.noRecentHint')}</p>
        </div>
      ) : (
        <ul className={list['list']} aria-label={heading}>
          {sales?.map((sale) => (
            <Sale
              key={sale.saleId}
              sale={sale}
              busy={busy}
              onPick={() => {
                find.clear();
                void pick.run(sale.saleId);
              }}
            />
          ))}
        </ul>
      )}
    </div>
  );
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
