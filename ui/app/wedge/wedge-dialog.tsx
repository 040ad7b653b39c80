import { Button, Modal } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useEnv } from '../../kit/env.ts';
import { Notice } from '../../kit/notice.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import { attachWedge } from './attach-wedge.ts';
import {
  CALIBRATION_TEXT,
  CALIBRATION_TEXT_GS,
  type CalibrationVerdict,
  createCalibrator,
} from './calibration.ts';
import { BarsPicture, QrPicture } from './code-picture.tsx';
import { useWedgeSettings } from './use-wedge-settings.ts';
import css from './wedge-dialog.module.css';
import { DEFAULT_WEDGE_SETTINGS, keepWedgeSettings } from './wedge-settings.ts';

/** Finds out how a keyboard scanner is set: it scans a code of this screen, and what it sends of it is kept. */
export function WedgeDialog(props: { readonly opened: boolean; readonly onClose: () => void }) {
  const { t } = useLanguage();
  return (
    <Modal
      opened={props.opened}
      onClose={props.onClose}
      title={t('wedge.title')}
      size={680}
      closeButtonProps={{ 'aria-label': t('app.close') }}
    >
      {props.opened ? <Calibration /> : null}
    </Modal>
  );
}

function Calibration() {
  const { t } = useLanguage();
  const { preferences, now } = useEnv();
  const settings = useWedgeSettings();
  const [verdict, setVerdict] = useState<CalibrationVerdict | null>(null);

  useEffect(() => {
    return attachWedge(window, (nowMs) =>
      createCalibrator(nowMs, (found) => {
        setVerdict(found);
        if (found.kind !== 'found') return;
        const { layout, prefix, capsLock } = found;
        const calibratedAt = new Date(now()).toISOString();
        // Whoever calibrates a scanner means to use it.
        keepWedgeSettings(preferences, { layout, prefix, capsLock, calibratedAt, listens: true });
      }),
    );
  }, [preferences, now]);
  const reset = (): void => {
    keepWedgeSettings(preferences, { ...DEFAULT_WEDGE_SETTINGS, listens: settings.listens });
    setVerdict(null);
  };
  const { layout, prefix, capsLock } = DEFAULT_WEDGE_SETTINGS;
  const isDefault =
    settings.layout === layout && settings.prefix === prefix && settings.capsLock === capsLock;
  return (
    <div className={css['stack']}>
      <p>{t('wedge.intro')}</p>
      <div className={css['codes']}>
        <div className={css['code']}>
          <QrPicture text={CALIBRATION_TEXT_GS} label={t('wedge.square')} />
          <span>{t('wedge.square')}</span>
        </div>
        <div className={css['code']}>
          <BarsPicture text={CALIBRATION_TEXT} label={t('wedge.bars')} />
          <span>{t('wedge.bars')}</span>
        </div>
      </div>
      <div aria-live="polite">{verdict === null ? null : <Verdict verdict={verdict} />}</div>
      <p className={css['quiet']}>{t('wedge.nothing')}</p>
      <p data-testid="wedge-settings">
        {t('wedge.present', { layout: t(`wedge.layout.${settings.layout}`) })}
        {settings.prefix === ''
          ? ''
          : ` · ${t('wedge.prefix', { prefix: shown(settings.prefix) })}`}
        {settings.capsLock === 'followed' ? ` · ${t('wedge.capsFollowed')}` : ''}
      </p>
      {isDefault ? null : (
        <Button variant="default" onClick={reset}>
          {t('wedge.reset')}
        </Button>
      )}
    </div>
  );
}

const GS_WORDS = { sent: 'gsSent', lost: 'gsLost', 'not-asked': 'gsNotAsked' } as const;

function Verdict({ verdict }: { readonly verdict: CalibrationVerdict }) {
  const { t } = useLanguage();
  switch (verdict.kind) {
    case 'found':
      return (
        <Notice
          tone={verdict.gs === 'lost' ? 'warn' : 'ok'}
          title={t('wedge.found', { layout: t(`wedge.layout.${verdict.layout}`) })}
        >
          {t(`wedge.${GS_WORDS[verdict.gs]}`)}
        </Notice>
      );
    case 'letters-turned':
      return (
        <Notice tone="warn" title={t('wedge.lettersTurned')}>
          {t('wedge.lettersTurnedHint', { layout: t(`wedge.layout.${verdict.layout}`) })}
        </Notice>
      );
    case 'no-suffix':
      return (
        <Notice tone="warn" title={t('wedge.noSuffix')}>
          {t('wedge.noSuffixHint')}
        </Notice>
      );
    case 'unknown-layout':
      return (
        <Notice tone="warn" title={t('wedge.unknownLayout')}>
          {t('wedge.unknownLayoutHint')}
        </Notice>
      );
  }
}

/** A start mark with its control characters as their pictures. */
const shown = (prefix: string): string =>
  [...prefix]
    .map((char) => (char < ' ' ? String.fromCharCode(0x2400 + char.charCodeAt(0)) : char))
    .join('');
