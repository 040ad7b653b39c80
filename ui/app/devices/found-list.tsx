import { Button } from '@mantine/core';
import {
  DEVICE_ROLES,
  type Discovered,
  type FoundDeviceView,
  type UnlistedDevices,
} from '../../../agent/contract/index.ts';
import { Notice } from '../../kit/notice.tsx';
import { StatusMark } from '../../kit/status-mark.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import type { DeviceCare } from './device-care.ts';
import { useDeviceNames } from './device-names.ts';
import css from './devices-page.module.css';

/** What is plugged in, with the roles that it can be given. @param props.looked null = being looked for */
export function FoundList(props: {
  readonly looked: Discovered | null;
  readonly care: DeviceCare;
}) {
  const { t } = useLanguage();
  const { looked, care } = props;
  if (looked === null)
    return (
      <p className={css['empty']} role="status">
        {t('devicePage.looking')}
      </p>
    );
  const { found, unlisted } = looked;
  const devices = found.filter((device) => !isOwnPort(device));
  const ports = found.filter(isOwnPort);
  return (
    <>
      {unlisted.map((kind) => (
        <Unlisted key={kind.way} unlisted={kind} />
      ))}
      {devices.length > 0 || unlisted.length > 0 ? null : (
        <div className={css['empty']} role="status">
          <p className={css['name']}>{t('devicePage.nothing')}</p>
          <p>{t('devicePage.nothingHint')}</p>
        </div>
      )}
      <ul className={css['found']}>
        {[...devices, ...ports].map((device) => (
          <FoundRow key={device.foundId} device={device} care={care} />
        ))}
      </ul>
    </>
  );
}

/** A kind of devices that could not be looked at, which is not the same as that none is there. */
function Unlisted({ unlisted }: { readonly unlisted: UnlistedDevices }) {
  const { t, say } = useLanguage();
  const { way, hint, remedy, command, detail } = unlisted;
  return (
    <div role="status" data-unlisted={way}>
      <Notice tone="bad" title={say(hint)}>
        <p>{say(remedy)}</p>
        {command === undefined ? null : (
          <>
            <p className={css['below']}>{t('devicePage.command')}</p>
            <code className={css['command']}>{command}</code>
          </>
        )}
        <p className={css['below']}>{t('devicePage.technical', { detail })}</p>
      </Notice>
    </div>
  );
}

/** A port of the computer, which is there whatever is plugged into it. */
function isOwnPort({ identity }: FoundDeviceView): boolean {
  return identity.vid === undefined;
}

function FoundRow({
  device,
  care,
}: {
  readonly device: FoundDeviceView;
  readonly care: DeviceCare;
}) {
  const { t, say } = useLanguage();
  const names = useDeviceNames();
  const name = names.found(device);
  const { identity, mode, twin, usedBy, bindable, hint } = device;
  const wrongMode = mode === 'keyboard' || mode === 'oem';
  // The name of such a port says where it is.
  const facts = isOwnPort(device)
    ? []
    : [
        ...(identity.serial === undefined
          ? []
          : [t('devicePage.serial', { serial: identity.serial })]),
        names.place(identity),
      ].filter((part) => part !== '');
  return (
    <li className={css['foundRow']} data-found={device.foundId}>
      <div className={css['words']}>
        <p className={css['name']}>{name}</p>
        <p className={css['facts']}>{facts.join(' · ')}</p>
        <div className={css['marks']}>
          <StatusMark tone={wrongMode ? 'bad' : 'idle'}>{t(`devicePage.mode.${mode}`)}</StatusMark>
          {twin ? <StatusMark tone="warn">{t('devicePage.twin')}</StatusMark> : null}
          {usedBy === undefined ? null : (
            <StatusMark tone="ok">
              {t('devicePage.using', { role: names.device(usedBy) })}
            </StatusMark>
          )}
        </div>
        {twin ? <p className={css['facts']}>{t('devicePage.twinHint')}</p> : null}
        {hint === undefined ? null : isOwnPort(device) ? (
          <p className={css['facts']}>{say(hint)}</p>
        ) : (
          <Notice tone="warn" title={say(hint)} />
        )}
      </div>
      {bindable && usedBy === undefined ? (
        <div className={css['roles']}>
          {DEVICE_ROLES.map((role) => (
            <Button
              key={role}
              variant="default"
              disabled={care.busy}
              aria-label={t('devicePage.useAsLabel', {
                device: name,
                role: t(`devicePage.role.${role}`),
              })}
              onClick={() => care.bind(role, device)}
            >
              {t('devicePage.useAs', { role: t(`devicePage.role.${role}`) })}
            </Button>
          ))}
        </div>
      ) : null}
    </li>
  );
}
