import { Button } from '@mantine/core';
import { useState } from 'react';
import type { DeviceView } from '../../../agent/contract/index.ts';
import { useEnv } from '../../kit/env.ts';
import { Notice } from '../../kit/notice.tsx';
import { StatusMark } from '../../kit/status-mark.tsx';
import { deviceTone, needsAttention } from '../cashier/state-tone.ts';
import { useFormat } from '../cashier/use-format.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { useNames } from '../i18n/use-names.ts';
import type { DeviceCare } from './device-care.ts';
import { DeviceFigures } from './device-figures.tsx';
import { roleOf, useDeviceNames } from './device-names.ts';
import css from './devices-page.module.css';

/**
 * One device of the till: how it is and what helps, what it is known by, what it read last, and what can be done.
 * @param props.keeps whether a manager or IT stands here
 */
export function DeviceCard(props: {
  readonly device: DeviceView;
  readonly keeps: boolean;
  readonly care: DeviceCare;
  readonly onTest: () => void;
}) {
  const { t, say } = useLanguage();
  const { now } = useEnv();
  const format = useFormat();
  const states = useNames();
  const names = useDeviceNames();
  const [opened, setOpened] = useState(false);
  const { device, keeps, care } = props;
  const { deviceId, state, lastScan } = device;
  const role = roleOf(deviceId);
  const title = names.device(deviceId);
  const isReady = state === 'ready';
  return (
    <section className={css['card']} aria-label={title} data-device={deviceId}>
      <header className={css['cardHead']}>
        <div>
          <h2 className={css['name']}>{title}</h2>
          {role === undefined ? null : (
            <p className={css['facts']}>{t(`devicePage.roleAbout.${role}`)}</p>
          )}
        </div>
        <div className={css['marks']} aria-live="polite">
          <StatusMark tone={deviceTone(state)}>{states.deviceState(state)}</StatusMark>
          {device.simulated ? <StatusMark tone="idle">{t('device.simulated')}</StatusMark> : null}
          <span className={css['facts']}>
            {t('device.since', { time: format.moment(device.since, now()) })}
          </span>
        </div>
      </header>
      {needsAttention(state) ? (
        <Notice tone={deviceTone(state)} title={say(device.hint)}>
          {device.remedy === undefined ? null : <p>{say(device.remedy)}</p>}
          {keeps && device.command !== undefined ? (
            <>
              <p className={css['below']}>{t('devicePage.command')}</p>
              <code className={css['command']}>{device.command}</code>
            </>
          ) : null}
          {keeps && device.detail !== undefined ? (
            <p className={css['below']}>{t('devicePage.technical', { detail: device.detail })}</p>
          ) : null}
        </Notice>
      ) : null}
      <ul className={css['lines']}>
        <Known device={device} />
        <li>
          {lastScan === undefined
            ? t('devicePage.neverScanned')
            : t('devicePage.lastScan', {
                time: format.moment(lastScan.at, now()),
                kind: names.symbology(lastScan.symbology),
                count: lastScan.characters,
              })}
        </li>
      </ul>
      <CheckResult device={device} />
      <div className={css['actions']}>
        {keeps && device.owner === 'agent' ? (
          <>
            <Button
              variant="default"
              aria-label={t('devicePage.checkLabel', { device: title })}
              disabled={care.check.busy}
              onClick={() => void care.check.run({ deviceId, level: 'internal' })}
            >
              {t('devicePage.check')}
            </Button>
            <Button
              variant="default"
              aria-label={t('devicePage.askLabel', { device: title })}
              disabled={care.check.busy || !isReady}
              onClick={() => void care.check.run({ deviceId, level: 'external' })}
            >
              {t('devicePage.ask')}
            </Button>
            <Button
              variant="default"
              aria-label={t('devicePage.testLabel', { device: title })}
              disabled={!isReady}
              onClick={props.onTest}
            >
              {t('devicePage.test')}
            </Button>
          </>
        ) : null}
        {keeps && role !== undefined && device.binding !== undefined ? (
          <Button
            variant="default"
            aria-label={t('devicePage.unbindLabel', { device: title })}
            disabled={care.busy}
            onClick={() => care.unbind(role)}
          >
            {t('devicePage.unbind')}
          </Button>
        ) : null}
        {device.simulated ? (
          <Button
            variant="default"
            disabled={care.busy}
            onClick={() => care.plug(deviceId, state === 'absent')}
          >
            {t(state === 'absent' ? 'devicePage.plug' : 'devicePage.pull')}
          </Button>
        ) : null}
        <Button
          variant="subtle"
          c="var(--ts-text)"
          aria-expanded={opened}
          onClick={() => setOpened(!opened)}
        >
          {t('devicePage.figures')}
        </Button>
      </div>
      {opened ? <DeviceFigures device={device} kept={keeps} /> : null}
    </section>
  );
}

/** What it is, by what it is found again, and where it is plugged in. */
function Known({ device }: { readonly device: DeviceView }) {
  const { t } = useLanguage();
  const { now } = useEnv();
  const format = useFormat();
  const names = useDeviceNames();
  const { binding, identity, simulated } = device;
  const place = identity === undefined || device.state === 'absent' ? '' : names.place(identity);
  const time = binding === undefined ? '' : format.moment(binding.boundAt, now());
  return (
    <>
      {binding === undefined ? (
        simulated ? null : (
          <li>{t('devicePage.fromSettings')}</li>
        )
      ) : (
        <>
          <li>
            {t('devicePage.bound', { name: binding.name ?? `${binding.vid}:${binding.pid ?? ''}` })}{' '}
            <span className={css['facts']}>
              {binding.boundBy === undefined
                ? t('devicePage.boundWhen', { time })
                : t('devicePage.boundWho', { time, staff: binding.boundBy })}
            </span>
          </li>
          <li>{names.knownBy(binding)}</li>
        </>
      )}
      {place === '' ? null : <li>{t('devicePage.connectedAs', { where: place })}</li>}
    </>
  );
}

/** How the last check ended, with what it found where it failed. Of a device that changed since it says nothing any more. */
function CheckResult({ device: { check, since } }: { readonly device: DeviceView }) {
  const { t, say } = useLanguage();
  const { now } = useEnv();
  const format = useFormat();
  if (check === undefined || check.at < since) return null;
  const { outcome, at, text, checks } = check;
  const tone = outcome === 'passed' ? 'ok' : outcome === 'failed' ? 'bad' : 'info';
  return (
    <Notice
      tone={tone}
      title={t(`devicePage.checked.${outcome}`, { time: format.moment(at, now()) })}
    >
      {outcome === 'passed' ? null : <p>{say(text)}</p>}
      {outcome === 'failed' ? (
        <p className={css['below']}>
          {checks
            .filter(({ ok }) => !ok)
            .map(({ check: what, detail }) => `${what}: ${detail}`)
            .join(' · ')}
        </p>
      ) : null}
    </Notice>
  );
}
