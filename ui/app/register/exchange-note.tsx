import { Button } from '@mantine/core';
import { Notice } from '../../kit/notice.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import { useRegister } from './register-context.ts';
import css from './ticket-panel.module.css';

/** That the ticket is bought in exchange, or what an exchange came to. */
export function ExchangeNote() {
  const { t } = useLanguage();
  const { register, view, format } = useRegister();
  const { exchange, exchanged } = view;
  if (exchange !== null)
    return (
      <div className={css['exchange']}>
        <Notice
          tone="info"
          title={t('returns.exchanging', { amount: format.price(exchange.refundMinor) })}
        />
        <Button variant="default" px={12} onClick={() => register.exchangeFor(null)}>
          {t('returns.exchangeDrop')}
        </Button>
      </div>
    );
  if (exchanged === null) return null;
  const amount = format.price(Math.abs(exchanged.netMinor));
  const { netMinor } = exchanged;
  return (
    <Notice
      tone="ok"
      title={
        netMinor > 0
          ? t('returns.exchanged', { amount })
          : netMinor < 0
            ? t('returns.exchangedBack', { amount })
            : t('returns.exchangedEven')
      }
    />
  );
}
