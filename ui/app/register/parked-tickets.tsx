import { Button, Modal } from '@mantine/core';
import { useEnv } from '../../kit/env.ts';
import list from '../cashier/drawer-list.module.css';
import { useLanguage } from '../i18n/use-language.ts';
import { useRegister } from './register-context.ts';

/** Tickets put aside at this register. */
export function ParkedTickets(props: { readonly opened: boolean; readonly onClose: () => void }) {
  const { t, say } = useLanguage();
  const { now } = useEnv();
  const { register, view, format } = useRegister();
  return (
    <Modal
      opened={props.opened}
      onClose={props.onClose}
      title={t('register.parked')}
      size={520}
      closeButtonProps={{ 'aria-label': t('app.close') }}
    >
      {view.parked.length === 0 ? <p className={list['empty']}>{t('register.noParked')}</p> : null}
      <ul className={list['list']}>
        {view.parked.map((ticket) => (
          <li key={ticket.basketId} className={list['row']}>
            <div className={list['words']}>
              <p className={list['name']}>
                {ticket.lines.map(({ article }) => say(article.name)).join(' · ')}
              </p>
              <p className={list['facts']}>
                {format.moment(ticket.startedAt, now())} ·{' '}
                {t('sale.items', { count: ticket.lines.reduce((sum, { qty }) => sum + qty, 0) })}
              </p>
            </div>
            <Button
              variant="default"
              onClick={() => {
                register.resume(ticket.basketId);
                props.onClose();
              }}
            >
              {t('register.resume')}
            </Button>
          </li>
        ))}
      </ul>
    </Modal>
  );
}
