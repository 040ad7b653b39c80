import { Button } from '@mantine/core';
import { useCallback, useEffect, useRef, useState } from 'react';
import { DEVICE_ROLES, type DeviceView } from '../../../agent/contract/index.ts';
import { useEnv } from '../../kit/env.ts';
import { KeyButton } from '../../kit/key-button.tsx';
import { Notice } from '../../kit/notice.tsx';
import { ProblemNotice } from '../../kit/problem-notice.tsx';
import { Banners } from '../cashier/banners.tsx';
import { useTill } from '../cashier/till-context.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { SidePage } from '../kit/side-page.tsx';
import { useAnswer } from '../kit/use-answer.ts';
import { useHotKeys } from '../kit/use-hot-keys.ts';
import { useTask } from '../kit/use-task.ts';
import { useTillPoll } from '../kit/use-till-poll.ts';
import { DeviceCard } from './device-card.tsx';
import { type Done, useDeviceCare } from './device-care.ts';
import { useDeviceNames } from './device-names.ts';
import css from './devices-page.module.css';
import { exportStatistics } from './export-statistics.ts';
import { FaceCameraSection } from './face-camera-section.tsx';
import { FoundList } from './found-list.tsx';
import { TestScan } from './test-scan.tsx';
import { WedgeSection } from './wedge-section.tsx';

/** How often the devices are read: a person who presses a cable in wants to see it within a breath. */
const DEVICES_POLL_MS = 2_000;

/** The devices of this till, what is plugged in, and which of it is used for what. */
export function DevicesPage() {
  const { t, say } = useLanguage();
  const { now } = useEnv();
  const { link, view } = useTill();
  const keeps = useKeeps();
  const { data, problem, again } = useTillPoll(
    (till) => till.screen.devices.list(),
    DEVICES_POLL_MS,
  );
  const [looks, setLooks] = useState(0);
  const look = useCallback(() => setLooks((before) => before + 1), []);
  const looked = useAnswer(keeps ? `${looks}` : null, () => link.client.screen.devices.discover());
  const after = useCallback(() => {
    again();
    look();
  }, [again, look]);
  const care = useDeviceCare(after);
  const [testing, setTesting] = useState<string | null>(null);
  const tested = data?.devices.find(({ deviceId }) => deviceId === testing);
  const [calibrating, setCalibrating] = useState(false);
  const [exported, setExported] = useState<number | null>(null);
  const save = useTask(async () => {
    setExported(null);
    setExported(await exportStatistics(link.client, view.status?.tillId ?? 'till', now()));
  });
  useHotKeys({ F3: keeps ? look : undefined }, tested === undefined);
  useNews(view.devices, after);
  return (
    <SidePage
      title={t('devicePage.title')}
      below={view.status === null ? '' : `${say(view.status.storeName)} · ${view.status.tillId}`}
      tools={
        keeps ? (
          <KeyButton variant="default" keyName="F3" onClick={look}>
            {t('devicePage.look')}
          </KeyButton>
        ) : null
      }
      banners={<Banners quiet />}
      problem={problem}
      ownsWedge={calibrating}
    >
      {data === null ? null : (
        <>
          <div className={css['top']}>
            <p className={css['intro']}>{t('devicePage.intro')}</p>
            {keeps ? (
              <Button
                variant="default"
                loading={save.busy}
                onClick={() => void save.run(undefined)}
              >
                {t('devicePage.export')}
              </Button>
            ) : null}
          </div>
          <ProblemNotice problem={care.problem ?? save.problem ?? problem} />
          <DoneNotice done={care.done} busy={care.busy} onUndo={care.undo} />
          {exported === null ? null : (
            <Notice tone="ok" title={t('devicePage.exported', { count: exported })} />
          )}
          {keeps ? null : <Notice tone="info" title={t('devicePage.keepersOnly')} />}
          <div className={css['cards']}>
            {data.devices.map((device) => (
              <DeviceCard
                key={device.deviceId}
                device={device}
                keeps={keeps}
                care={care}
                onTest={() => setTesting(device.deviceId)}
              />
            ))}
            <FreeRoles devices={data.devices} keeps={keeps} />
            <FaceCameraSection keeps={keeps} />
            <WedgeSection keeps={keeps} opened={calibrating} onOpened={setCalibrating} />
          </div>
          {keeps ? (
            <section className={css['card']} aria-label={t('devicePage.found')}>
              <h2 className={css['name']}>{t('devicePage.found')}</h2>
              <ProblemNotice problem={looked.problem} />
              {looked.problem === null ? <FoundList looked={looked.latest} care={care} /> : null}
            </section>
          ) : null}
          {tested === undefined ? null : (
            <TestScan device={tested} onClose={() => setTesting(null)} />
          )}
        </>
      )}
    </SidePage>
  );
}

/** Roles that nothing has yet. */
function FreeRoles(props: { readonly devices: readonly DeviceView[]; readonly keeps: boolean }) {
  const { t } = useLanguage();
  const { devices, keeps } = props;
  return DEVICE_ROLES.filter((role) => !devices.some(({ deviceId }) => deviceId === role)).map(
    (role) => (
      <section
        key={role}
        className={`${css['card']} ${css['free']}`}
        aria-label={t(`devicePage.role.${role}`)}
      >
        <h2 className={css['name']}>{t(`devicePage.role.${role}`)}</h2>
        <p className={css['facts']}>{t(`devicePage.roleAbout.${role}`)}</p>
        <p>
          {t('devicePage.noRole')} {keeps ? t('devicePage.chooseBelow') : ''}
        </p>
      </section>
    ),
  );
}

/** What was done just before, and the way back. */
function DoneNotice(props: {
  readonly done: Done | null;
  readonly busy: boolean;
  readonly onUndo: () => void;
}) {
  const { t } = useLanguage();
  const names = useDeviceNames();
  const { done } = props;
  if (done === null) return null;
  const role = t(`devicePage.role.${done.role}`);
  if (done.kind === 'undone') return <Notice tone="ok" title={t('devicePage.didUndo', { role })} />;
  return (
    <div className={css['done']}>
      <Notice
        tone="ok"
        title={
          done.kind === 'bound'
            ? t('devicePage.didBind', { device: names.found(done.found), role })
            : t('devicePage.didUnbind', { role })
        }
      />
      <Button variant="default" loading={props.busy} onClick={props.onUndo}>
        {t('devicePage.undo')}
      </Button>
    </div>
  );
}

/** Whether a manager or IT stands here, or anybody at a till that has no staff yet. */
function useKeeps(): boolean {
  const { link, view } = useTill();
  const { session } = view;
  const staff = session?.staff ?? null;
  const isAlone = staff === null && session !== null;
  const list = useAnswer(isAlone ? 'staff' : null, () => link.client.screen.staff.list());
  if (session === null || session.locked) return false;
  if (staff === null) return list.value?.staff.length === 0;
  return staff.role !== 'cashier';
}

/** Calls `run` when the till told of a change of its devices; the first reading is no news. */
function useNews(devices: readonly DeviceView[], run: () => void): void {
  const known = useRef(devices);
  useEffect(() => {
    if (known.current === devices) return;
    const isFirst = known.current.length === 0;
    known.current = devices;
    if (!isFirst) run();
  }, [devices, run]);
}
