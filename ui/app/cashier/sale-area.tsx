import { SegmentedControl } from '@mantine/core';
import { type ReactNode, useEffect, useState } from 'react';
import { KeyButton } from '../../kit/key-button.tsx';
import { Panel } from '../../kit/panel.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import { BasketPanel } from './basket-panel.tsx';
import { BenefitList } from './benefit-list.tsx';
import { MemberPanel } from './member-panel.tsx';
import { Receipt } from './receipt.tsx';
import css from './sale-area.module.css';
import { useTill } from './till-context.ts';
import { memberOnShow, nearMissesOnShow } from './till-view.ts';
import { TotalsPanel } from './totals-panel.tsx';

/** Three columns that never move: who, what, and what it comes to. */
export function SaleArea(props: {
  readonly identify: ReactNode;
  /** Opens what the member on show has to use. */
  readonly onWallet: () => void;
}) {
  const { t } = useLanguage();
  const { store, view } = useTill();
  const { sale, lookingAt } = view;
  const member = memberOnShow(view);
  const isOfSale = sale !== null && member?.memberId === sale.member?.memberId;
  return (
    <main className={css['area']}>
      <div className={css['who']}>
        {props.identify}
        <MemberPanel
          member={member}
          decisions={isOfSale ? sale.decisions : []}
          onWallet={props.onWallet}
        />
      </div>
      <div className={css['what']}>
        {lookingAt === null ? null : (
          <div className={css['looking']} role="status">
            <p>{t('sale.looking')}</p>
            <KeyButton keyName="Esc" variant="default" onClick={() => void store.lookAt(null)}>
              {t('sale.backToCurrent')}
            </KeyButton>
          </div>
        )}
        <BasketPanel sale={sale} articleNames={view.articleNames} />
      </div>
      <div className={css['why']}>
        <WhyPanel key={`${sale?.evaluationId ?? ''}-${sale?.receipt === undefined}`} />
        <TotalsPanel sale={sale} />
      </div>
    </main>
  );
}

/** Benefits with their reasons; once the sale is booked, its receipt first. */
function WhyPanel() {
  const { t } = useLanguage();
  const { view } = useTill();
  const { sale } = view;
  const receipt = sale?.receipt;
  const [shown, setShown] = useState<'receipt' | 'benefits'>('benefits');
  useEffect(() => setShown(receipt === undefined ? 'benefits' : 'receipt'), [receipt]);
  const aside =
    receipt === undefined ? null : (
      <SegmentedControl
        value={shown}
        onChange={(value) => setShown(value === 'receipt' ? 'receipt' : 'benefits')}
        data={[
          { value: 'receipt', label: t('sale.receipt') },
          { value: 'benefits', label: t('benefit.title') },
        ]}
        size="sm"
        aria-label={t('sale.receipt')}
      />
    );
  return (
    <Panel title={shown === 'receipt' ? t('sale.receipt') : t('benefit.title')} fill aside={aside}>
      {sale === null ? (
        <p className={css['quiet']}>{t('benefit.noneHint')}</p>
      ) : shown === 'receipt' && receipt !== undefined ? (
        <Receipt receipt={receipt} />
      ) : (
        <BenefitList outcomes={sale.evaluation.outcomes} nearMisses={nearMissesOnShow(view)} />
      )}
    </Panel>
  );
}
