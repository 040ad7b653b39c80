import { Button, Menu } from '@mantine/core';
import {
  IconBarcode,
  IconChevronDown,
  IconColumns2,
  IconDeviceDesktop,
  IconDeviceTv,
  IconLock,
  IconLogout,
  IconPlugConnected,
  IconUsb,
} from '@tabler/icons-react';
import { LanguageSwitch, ThemeSwitch } from '../../kit/display.tsx';
import { StatusMark, type Tone } from '../../kit/status-mark.tsx';
import { canOpenCustomerDisplay, openCustomerDisplay } from '../customer/open-customer-display.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { openScreen, useScreen } from '../router.ts';
import { needsAttention } from './state-tone.ts';
import { useTill } from './till-context.ts';
import css from './top-bar.module.css';

const HQ_TONE: Readonly<Record<'not-configured' | 'online' | 'offline', Tone>> = {
  'not-configured': 'idle',
  online: 'ok',
  offline: 'warn',
};

/** Where this till stands and how it is, and what belongs to the person at it. */
export function TopBar(props: {
  readonly onDevices: () => void;
  readonly onPairing: () => void;
  readonly onWedge: () => void;
  readonly onLock: () => void;
  readonly onSignOut: () => void;
}) {
  const { t, say } = useLanguage();
  const { status, session, devices } = useTill().view;
  const screen = useScreen();
  const staff = session?.staff ?? null;
  const attention = devices.filter(({ state }) => needsAttention(state)).length;
  return (
    <header className={css['bar']}>
      <img src="/mark.svg" alt="" width={32} height={32} />
      <div className={css['place']}>
        <h1 className={css['store']}>{status === null ? 'Tillside' : say(status.storeName)}</h1>
        <p className={css['till']}>{status?.tillId ?? ''}</p>
      </div>
      {status?.demo === true ? (
        <span className={css['demo']}>
          <StatusMark tone="info">{t('demo.label')}</StatusMark>
        </span>
      ) : null}
      <div className={css['space']} />
      {status === null ? null : (
        <button
          type="button"
          className={css['chip']}
          title={t('sync.open')}
          onClick={() => openScreen('sync')}
        >
          <StatusMark tone={HQ_TONE[status.headquarters.state]}>
            {t(`headquarters.${status.headquarters.state}`)}
          </StatusMark>
        </button>
      )}
      <button type="button" className={css['chip']} onClick={props.onDevices}>
        <StatusMark tone={attention > 0 ? 'warn' : devices.length === 0 ? 'idle' : 'ok'}>
          {attention > 0
            ? t('device.attention', { count: attention })
            : devices.length === 0
              ? t('device.title')
              : t('device.allReady')}
        </StatusMark>
      </button>
      <div className={css['tools']}>
        <LanguageSwitch keyName="F10" />
        <ThemeSwitch />
        {staff === null ? null : (
          <Menu position="bottom-end" width={260}>
            <Menu.Target>
              <Button
                variant="default"
                rightSection={<IconChevronDown size={18} />}
                aria-label={t('staff.menu', { name: staff.name })}
                px={14}
              >
                {staff.name}
              </Button>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Label>
                {staff.staffId} · {t(`role.${staff.role}`)}
              </Menu.Label>
              <Menu.Item
                h={48}
                leftSection={<IconPlugConnected size={20} />}
                onClick={props.onPairing}
              >
                {t('pairing.menu')}
              </Menu.Item>
              <Menu.Item
                h={48}
                leftSection={<IconUsb size={20} />}
                onClick={() => openScreen('devices')}
              >
                {t('devicePage.open')}
              </Menu.Item>
              <Menu.Item h={48} leftSection={<IconBarcode size={20} />} onClick={props.onWedge}>
                {t('wedge.menu')}
              </Menu.Item>
              <Menu.Item
                h={48}
                leftSection={<IconDeviceDesktop size={20} />}
                onClick={() => openScreen('manager')}
              >
                {t('app.manager')}
              </Menu.Item>
              {canOpenCustomerDisplay() ? (
                <Menu.Item
                  h={48}
                  leftSection={<IconDeviceTv size={20} />}
                  onClick={openCustomerDisplay}
                >
                  {t('customer.open')}
                </Menu.Item>
              ) : null}
              {status?.demo === true ? (
                <Menu.Item
                  h={48}
                  leftSection={<IconColumns2 size={20} />}
                  onClick={() => openScreen(screen === 'demo' ? 'cashier' : 'demo')}
                >
                  {screen === 'demo' ? t('demo.alone') : t('demo.side')}
                </Menu.Item>
              ) : null}
              <Menu.Divider />
              <Menu.Item h={48} leftSection={<IconLock size={20} />} onClick={props.onLock}>
                {t('staff.lock')}
              </Menu.Item>
              <Menu.Item h={48} leftSection={<IconLogout size={20} />} onClick={props.onSignOut}>
                {t('staff.signOut')}
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
        )}
      </div>
    </header>
  );
}
