import { Button, Drawer } from '@mantine/core';
import type { BasketId } from '../../../agent/contract/index.ts';
import { useEnv } from '../../kit/env.ts';
import { StatusMark } from '../../kit/status-mark.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import list from './drawer-list.module.css';
import { SALE_TONE } from './state-tone.ts';
import { useTill } from './till-context.ts';
import { useFormat } from './use-format.ts';

/** Sales begun and not finished: look at one without disturbing the POS. */
export function ParkedDrawer(props: { readonly opened: boolean; readonly onClose: () => void }) {
  const { t } = useLanguage();
  const { now } = useEnv();
  const { store, view } = useTill();
  const format = useFormat();
  const look = (basketId: BasketId): void => {
    void store.lookAt(basketId);
    props.onClose();
  };
  return (
    <Drawer
      opened={props.opened}
      onClose={props.onClose}
      title={t('parked.title')}
      closeButtonProps={{ 'aria-label': t('app.close') }}
    >
      {view.openBaskets.length === 0 ? (
        <div className={list['empty']}>
          <p>{t('parked.none')}</p>
          <p>{t('parked.noneHint')}</p>
        </div>
      ) : (
        <ul className={list['list']}>
          {view.openBaskets.map((basket, index) => (
            <li key={basket.basketId} className={list['row']}>
              <div className={list['words']}>
                <p className={list['name']}>
                  {basket.maskedName ?? t('parked.guest')} · {format.price(basket.payableMinor)}
                </p>
                <p className={list['facts']}>
                  {t('sale.items', { count: basket.itemCount })} ·{' '}
                  {t('parked.at', { time: format.moment(basket.updatedAt, now()) })}
                </p>
                <div className={list['marks']}>
                  <StatusMark tone={SALE_TONE[basket.state]}>
                    {t(`sale.state.${basket.state}`)}
                  </StatusMark>
                  {basket.current ? <StatusMark tone="ok">{t('parked.current')}</StatusMark> : null}
                </div>
              </div>
              <Button
                variant="default"
                onClick={() => look(basket.basketId)}
                data-autofocus={index === 0 || undefined}
              >
                {t('parked.look')}
              </Button>
            </li>
          ))}
        </ul>
      )}
    </Drawer>
  );
}
