import { Modal } from '@mantine/core';
import { useMemo } from 'react';
import { useLanguage } from '../i18n/use-language.ts';
import { ReturnDeskContext } from '../returns/return-desk.ts';
import { ReturnFlow } from '../returns/return-flow.tsx';
import { useRegister } from './register-context.ts';

/** Goods of earlier sales come back to this register, for money or in exchange. */
export function ReturnDialog(props: { readonly opened: boolean; readonly onClose: () => void }) {
  const { t } = useLanguage();
  const { register, view, format } = useRegister();
  const currency = view.status?.currency ?? 'CNY';
  const use = useMemo(
    () => ({ desk: register.desk, format, currency }),
    [register, format, currency],
  );
  return (
    <Modal
      opened={props.opened}
      onClose={props.onClose}
      title={t('returns.title')}
      size={640}
      closeOnClickOutside={false}
      closeButtonProps={{ 'aria-label': t('app.close') }}
    >
      <ReturnDeskContext value={use}>
        <ReturnFlow
          onClose={props.onClose}
          onExchange={(request, { refundMinor }) => {
            register.exchangeFor({ request, refundMinor });
            props.onClose();
          }}
        />
      </ReturnDeskContext>
    </Modal>
  );
}
