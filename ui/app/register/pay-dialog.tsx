import { Button, Modal } from '@mantine/core';
import { IconCash, IconCreditCard, IconDeviceMobile } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { ProblemNotice } from '../../kit/problem-notice.tsx';
import dialog from '../cashier/dialog.module.css';
import { useLanguage } from '../i18n/use-language.ts';
import { useTask } from '../kit/use-task.ts';
import css from './pay-dialog.module.css';
import { useRegister } from './register-context.ts';
import { PAYMENT_MEANS, type PaymentMeans } from './register-view.ts';
import { ScanNoteLine } from './scan-note.tsx';

const ICONS = { cash: IconCash, card: IconCreditCard, wallet: IconDeviceMobile } as const;

/** Between hold and commit: how it is paid, then booked exactly once. Esc gives the payment up. */
export function PayDialog() {
  const { t } = useLanguage();
  const { register, view, format } = useRegister();
  const { payment, note, exchange } = view;
  const [means, setMeans] = useState<PaymentMeans>('cash');
  useEffect(() => {
    if (payment !== null && note?.kind === 'payment') setMeans('wallet');
  }, [payment, note]);
  const netMinor = (payment?.hold.payableMinor ?? 0) - (exchange?.refundMinor ?? 0);
  const dueName = (minor: number): string => {
    if (exchange === null) return t('register.payDue');
    return t(minor < 0 ? 'returns.netBack' : 'returns.netDue');
  };
  const commit = useTask(() => register.commit(means));
  const giveUp = useTask(() => register.giveUp('payment given up'));
  const close = (): void => {
    if (!commit.busy) void giveUp.run(undefined);
  };
  return (
    <Modal
      opened={payment !== null}
      onClose={close}
      title={t('register.payTitle')}
      size={520}
      closeOnClickOutside={false}
      closeButtonProps={{ 'aria-label': t('register.giveUp') }}
    >
      {payment === null ? null : (
        <form
          className={dialog['stack']}
          onSubmit={(event) => {
            event.preventDefault();
            void commit.run(undefined);
          }}
        >
          <div className={css['due']}>
            <span>{dueName(netMinor)}</span>
            <strong>{format.price(Math.abs(netMinor))}</strong>
          </div>
          <p>{t('register.payHint', { time: format.time(payment.hold.deadline) })}</p>
          <fieldset className={css['means']}>
            <legend className="visually-hidden">{t('register.payTitle')}</legend>
            {PAYMENT_MEANS.map((each) => {
              const Icon = ICONS[each];
              return (
                <button
                  key={each}
                  type="button"
                  className={css['mean']}
                  aria-pressed={each === means}
                  onClick={() => setMeans(each)}
                >
                  <Icon size={28} aria-hidden="true" />
                  {t(`register.${each}`)}
                </button>
              );
            })}
          </fieldset>
          <ScanNoteLine />
          <ProblemNotice problem={commit.problem ?? giveUp.problem} />
          <div className={css['actions']}>
            <Button variant="default" size="lg" onClick={close} loading={giveUp.busy}>
              {t('register.giveUp')}
            </Button>
            <Button type="submit" size="lg" loading={commit.busy} data-autofocus>
              {t('register.confirm')}
            </Button>
          </div>
        </form>
      )}
    </Modal>
  );
}
