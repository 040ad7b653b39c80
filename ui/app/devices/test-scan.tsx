import { Button, Modal } from '@mantine/core';
import { type RefObject, useEffect, useRef, useState } from 'react';
import type { DeviceCheck, DeviceView } from '../../../agent/contract/index.ts';
import { Notice } from '../../kit/notice.tsx';
import { ProblemNotice } from '../../kit/problem-notice.tsx';
import { useTill } from '../cashier/till-context.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { useTask } from '../kit/use-task.ts';
import { BarsPicture, QrPicture } from '../wedge/code-picture.tsx';
import { useDeviceNames } from './device-names.ts';
import css from './devices-page.module.css';
import { testScanEnd } from './test-scan-end.ts';

/** Shows a code with fresh digits and tells whether this device, and no other, has read it. */
export function TestScan(props: { readonly device: DeviceView; readonly onClose: () => void }) {
  const { t } = useLanguage();
  const names = useDeviceNames();
  const { devices } = useTill().link.client.screen;
  const { deviceId } = props.device;
  /** Whether the till waits for the code at this moment. */
  const waits = useRef(false);
  const close = (): void => {
    // Another check ends this one: a scanner that was told to read is let go, as nobody holds the code before it any more.
    // Where that fails it is let go at the end of its time.
    if (waits.current) devices.check({ deviceId, level: 'internal' }).catch(() => undefined);
    props.onClose();
  };
  return (
    <Modal
      opened
      onClose={close}
      title={t('devicePage.scan.title', { device: names.device(deviceId) })}
      size={660}
      closeButtonProps={{ 'aria-label': t('app.close') }}
    >
      <Body device={props.device} waits={waits} />
    </Modal>
  );
}

function Body({
  device,
  waits,
}: {
  readonly device: DeviceView;
  readonly waits: RefObject<boolean>;
}) {
  const { t, say } = useLanguage();
  const { devices } = useTill().link.client.screen;
  const { deviceId } = device;
  const [begun, setBegun] = useState<DeviceCheck | null>(null);
  const begin = useTask(async () =>
    setBegun(await devices.check({ deviceId, level: 'interactive' })),
  );
  const simulate = useTask((text: string) => devices.simulate({ deviceId, text }));
  const start = begin.run;
  useEffect(() => void start(undefined), [start]);
  const challenge = begun?.challenge;
  const ended = begun === null ? null : testScanEnd(begun, device);
  waits.current = begin.busy || (begun !== null && ended === null);
  return (
    <div className={css['test']}>
      <ProblemNotice problem={begin.problem ?? simulate.problem} />
      {begun !== null && ended === null && challenge !== undefined ? (
        <>
          <p>{t('devicePage.scan.intro')}</p>
          <div className={css['codes']}>
            <div className={css['code']}>
              <QrPicture text={challenge} label={t('devicePage.scan.square')} />
            </div>
            <div className={css['code']}>
              <BarsPicture text={challenge} label={t('devicePage.scan.bars')} />
              <span className={css['challenge']} data-testid="challenge">
                {challenge}
              </span>
            </div>
          </div>
          <Notice tone="info" title={say(begun.text)}>
            {t('devicePage.scan.waiting')}
          </Notice>
          {device.simulated ? (
            <Button
              variant="default"
              disabled={simulate.busy}
              onClick={() => void simulate.run(challenge)}
            >
              {t('devicePage.scan.simulate')}
            </Button>
          ) : null}
        </>
      ) : null}
      {ended === 'passed' ? <Notice tone="ok" title={t('devicePage.scan.passed')} /> : null}
      {ended === 'failed' ? <Failed device={device} /> : null}
      {ended === 'lost' ? <Notice tone="bad" title={t('devicePage.scan.lost')} /> : null}
      {ended === null && begin.problem === null ? null : (
        <Button loading={begin.busy} onClick={() => void begin.run(undefined)}>
          {t('devicePage.scan.again')}
        </Button>
      )}
    </div>
  );
}

function Failed({ device: { check } }: { readonly device: DeviceView }) {
  const { t, say } = useLanguage();
  return (
    <Notice tone="bad" title={t('devicePage.scan.failed')}>
      {check === undefined ? null : say(check.text)}
    </Notice>
  );
}
