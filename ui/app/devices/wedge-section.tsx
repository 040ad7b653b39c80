import { Button } from '@mantine/core';
import { useEnv } from '../../kit/env.ts';
import { StatusMark } from '../../kit/status-mark.tsx';
import { useFormat } from '../cashier/use-format.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { useWedgeSettings } from '../wedge/use-wedge-settings.ts';
import { WedgeDialog } from '../wedge/wedge-dialog.tsx';
import { keepWedgeSettings } from '../wedge/wedge-settings.ts';
import css from './devices-page.module.css';

/**
 * The keyboard scanner: no device that the till can see, so it is known by how it was calibrated.
 * @param props.keeps whether a manager or IT stands here @param props.opened whether the calibration is on show
 */
export function WedgeSection(props: {
  readonly keeps: boolean;
  readonly opened: boolean;
  readonly onOpened: (opened: boolean) => void;
}) {
  const { t } = useLanguage();
  const { preferences, now } = useEnv();
  const format = useFormat();
  const settings = useWedgeSettings();
  const { layout, listens, calibratedAt } = settings;
  const isSet = calibratedAt !== undefined;
  return (
    <section
      className={isSet ? css['card'] : `${css['card']} ${css['free']}`}
      aria-label={t('wedge.menu')}
      data-device="wedge"
    >
      <header className={css['cardHead']}>
        <div>
          <h2 className={css['name']}>{t('wedge.menu')}</h2>
          <p className={css['facts']}>{t('wedge.about')}</p>
        </div>
        <div className={css['marks']} aria-live="polite">
          <StatusMark tone={listens ? 'ok' : 'idle'}>
            {listens ? t('wedge.on') : t('wedge.off')}
          </StatusMark>
        </div>
      </header>
      <ul className={css['lines']}>
        <li>{t('wedge.present', { layout: t(`wedge.layout.${layout}`) })}</li>
        <li>
          {isSet
            ? t('wedge.calibrated', { time: format.moment(calibratedAt, now()) })
            : t('wedge.never')}
        </li>
        {listens ? null : <li>{t('wedge.offHint')}</li>}
      </ul>
      {props.keeps ? (
        <div className={css['actions']}>
          <Button variant="default" onClick={() => props.onOpened(true)}>
            {t('wedge.calibrate')}
          </Button>
          <Button
            variant="default"
            onClick={() => keepWedgeSettings(preferences, { ...settings, listens: !listens })}
          >
            {listens ? t('wedge.turnOff') : t('wedge.turnOn')}
          </Button>
        </div>
      ) : null}
      <WedgeDialog opened={props.opened} onClose={() => props.onOpened(false)} />
    </section>
  );
}
