import { Button } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useEnv } from '../../kit/env.ts';
import { Notice } from '../../kit/notice.tsx';
import { ProblemNotice } from '../../kit/problem-notice.tsx';
import list from '../cashier/drawer-list.module.css';
import { SignIn } from '../cashier/sign-in.tsx';
import { useTill } from '../cashier/till-context.ts';
import { useFormat } from '../cashier/use-format.ts';
import { useDemoPage } from '../demo/use-demo-page.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { type Problem, toProblem } from '../kit/problem.ts';
import type { TillClient } from '../link.ts';
import { FaceKeeping } from './face-keeping.tsx';
import css from './manager-more.module.css';

type RecentSale = Awaited<ReturnType<TillClient['screen']['sales']['recent']>>['sales'][number];

/** Sales shown at a time. */
const SALES_SHOWN = 20;
const KINDS = ['sale', 'void', 'return', 'override'] as const;

/** What goes beyond the lane's list, and asks for a manager's sign-in at this till. */
export function ManagerMore(props: { readonly opened: boolean; readonly onToggle: () => void }) {
  const { t } = useLanguage();
  const { view } = useTill();
  const demo = useDemoPage();
  const { session } = view;
  const isManager = session?.staff?.role === 'manager' && !session.locked;
  return (
    <section className={css['more']} aria-label={t('lane.more')}>
      <Button variant="default" aria-expanded={props.opened} onClick={props.onToggle}>
        {t('lane.more')}
      </Button>
      {!props.opened ? null : isManager ? (
        <>
          <FaceKeeping />
          <RecentSales />
        </>
      ) : (
        <div className={css['signIn']}>
          <Notice
            tone="info"
            title={
              session?.staff === null || session?.staff === undefined
                ? t('lane.moreHint')
                : t('lane.wrongRole', { role: t(`role.${session.staff.role}`) })
            }
          >
            {t('lane.replaces')}
          </Notice>
          <SignIn demo={demo} only="manager" />
        </div>
      )}
    </section>
  );
}

function RecentSales() {
  const { t } = useLanguage();
  const { now } = useEnv();
  const { link } = useTill();
  const format = useFormat();
  const [sales, setSales] = useState<readonly RecentSale[] | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  useEffect(() => {
    let wanted = true;
    link.client.screen.sales.recent({ limit: SALES_SHOWN }).then(
      ({ sales: found }) => wanted && setSales(found),
      (error: unknown) => wanted && setProblem(toProblem(error)),
    );
    return () => {
      wanted = false;
    };
  }, [link]);
  const kindOf = (kind: string): string => {
    const known = KINDS.find((each) => each === kind);
    return known === undefined ? kind : t(`lane.kind.${known}`);
  };
  if (sales === null)
    return problem === null ? <p>{t('app.loading')}</p> : <ProblemNotice problem={problem} />;
  return (
    <div>
      <h2 className={css['title']}>{t('lane.sales')}</h2>
      {sales.length === 0 ? <p className={list['facts']}>{t('lane.noSales')}</p> : null}
      <ul className={list['list']}>
        {sales.map((sale) => (
          <li key={`${sale.saleId}-${sale.kind}-${sale.at}`} className={list['row']}>
            <div className={list['words']}>
              <p className={list['name']}>
                {kindOf(sale.kind)} · {sale.maskedName ?? t('parked.guest')}
              </p>
              <p className={list['facts']}>
                {format.moment(sale.at, now())} ·{' '}
                {t('register.reference', { id: sale.referenceId })}
              </p>
            </div>
            <strong>{format.price(sale.payableMinor)}</strong>
          </li>
        ))}
      </ul>
    </div>
  );
}
