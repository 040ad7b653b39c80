import { Button, Drawer } from '@mantine/core';
import { useEnv } from '../../kit/env.ts';
import { Notice } from '../../kit/notice.tsx';
import { StatusMark } from '../../kit/status-mark.tsx';
import { useDeviceNames } from '../devices/device-names.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { useNames } from '../i18n/use-names.ts';
import { openScreen } from '../router.ts';
import list from './drawer-list.module.css';
import { deviceTone, needsAttention } from './state-tone.ts';
import { useTill } from './till-context.ts';
import { useFormat } from './use-format.ts';

/** Each device: how it is, since when, and what helps. */
export function DevicesDrawer(props: { readonly opened: boolean; readonly onClose: () => void }) {
  const { t, say } = useLanguage();
  const names = useNames();
  const devices = useDeviceNames();
  const { now } = useEnv();
  const { view } = useTill();
  const format = useFormat();
  return (
    <Drawer
      opened={props.opened}
      onClose={props.onClose}
      title={t('device.title')}
      closeButtonProps={{ 'aria-label': t('app.close') }}
    >
      {view.devices.length === 0 ? (
        <div className={list['empty']}>
          <p>{t('device.none')}</p>
          <p>{t('device.noneHint')}</p>
        </div>
      ) : (
        <ul className={list['list']}>
          {view.devices.map((device) => (
            <li key={device.deviceId} className={list['row']}>
              <div className={list['words']}>
                <p className={list['name']}>{devices.device(device.deviceId)}</p>
                <p className={list['facts']}>
                  {t(`device.owner.${device.owner}`)} ·{' '}
                  {t('device.since', { time: format.moment(device.since, now()) })}
                  {device.statistics['scans'] === undefined
                    ? ''
                    : ` · ${t('device.scans', { number: format.number(device.statistics['scans']) })}`}
                </p>
                <div className={list['marks']}>
                  <StatusMark tone={deviceTone(device.state)}>
                    {names.deviceState(device.state)}
                  </StatusMark>
                  {device.simulated ? (
                    <StatusMark tone="idle">{t('device.simulated')}</StatusMark>
                  ) : null}
                </div>
                {needsAttention(device.state) ? (
                  <div style={{ marginTop: 10 }}>
                    <Notice tone={deviceTone(device.state)} title={say(device.hint)}>
                      {device.remedy === undefined
                        ? undefined
                        : `${t('device.what')}: ${say(device.remedy)}`}
                    </Notice>
                  </div>
                ) : null}
              </div>
            </li>
          ))}
        </ul>
      )}
      <Button mt={16} fullWidth variant="default" onClick={() => openScreen('devices')}>
        {t('devicePage.open')}
      </Button>
    </Drawer>
  );
}
