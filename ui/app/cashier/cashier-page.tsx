import { useCallback, useEffect, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import { ProblemNotice } from '../../kit/problem-notice.tsx';
import { CameraDialog } from '../camera-codes/camera-dialog.tsx';
import { useDemoPage } from '../demo/use-demo-page.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { toProblem } from '../kit/problem.ts';
import { useHotKeys } from '../kit/use-hot-keys.ts';
import { useTask } from '../kit/use-task.ts';
import { useScans } from '../wedge/use-scans.ts';
import { useWedge } from '../wedge/use-wedge.ts';
import type { WedgeRefusal } from '../wedge/wedge.ts';
import { WedgeDialog } from '../wedge/wedge-dialog.tsx';
import { Banners } from './banners.tsx';
import css from './cashier-page.module.css';
import { DevicesDrawer } from './devices-drawer.tsx';
import { FACE_KEY } from './face/face-key.ts';
import { FacePanel } from './face/face-panel.tsx';
import { useFace } from './face/use-face.ts';
import { FunctionBar } from './function-bar.tsx';
import { IdentifyPanel, type TypedMeans } from './identify-panel.tsx';
import { JoinDialog } from './join-dialog.tsx';
import { LockScreen } from './lock-screen.tsx';
import { OverrideDialog } from './override-dialog.tsx';
import { PairingDialog } from './pairing-dialog.tsx';
import { ParkedDrawer } from './parked-drawer.tsx';
import { ReturnDialog } from './return-dialog.tsx';
import { SaleArea } from './sale-area.tsx';
import { ScannerDrawer } from './scanner-drawer.tsx';
import { SignIn } from './sign-in.tsx';
import { useTill } from './till-context.ts';
import { isLive, memberOnShow } from './till-view.ts';
import { TopBar } from './top-bar.tsx';
import { useIdleLock } from './use-idle-lock.ts';
import { useLayer } from './use-layer.ts';
import { Waiting } from './waiting.tsx';
import { WalletDrawer } from './wallet-drawer.tsx';

/** The cashier's screen: who is there, what they get and why, and how far the sale is. */
export function CashierPage() {
  const { toggle } = useLanguage();
  const { link, store, view } = useTill();
  const { session, identification, sale, lookingAt } = view;
  const demo = useDemoPage();
  const [means, setMeans] = useState<TypedMeans>('card');
  const [refused, setRefused] = useState<WedgeRefusal | null>(null);
  const field = useRef<HTMLInputElement>(null);
  const { screen, pos } = link.client;
  const atWork = session !== null && session.staff !== null && !session.locked;
  const staffId = atWork ? session.staff?.staffId : undefined;
  const simulated = view.devices.find((device) => device.simulated);
  const live = isLive(identification) ? identification : null;
  const memberId = memberOnShow(view)?.memberId;
  const { layer, open, close } = useLayer({
    devices: 'till',
    scanner: simulated?.deviceId,
    parked: staffId,
    pairing: staffId,
    join: staffId,
    return: staffId,
    wedge: staffId,
    camera: staffId,
    wallet: staffId && memberId,
    override: staffId && live?.identificationId,
  });

  const onSession = useCallback(
    (next: NonNullable<typeof session>) => store.show({ session: next }),
    [store],
  );
  useIdleLock(link, session, onSession);
  const scan = useScans((text) => screen.devices.wedge({ text }));
  useWedge(
    (text) => {
      setRefused(null);
      void scan.run(text);
    },
    setRefused,
    layer !== 'wedge',
  );
  const cameraScan = useTask(async (text: string) => {
    setRefused(null);
    await screen.devices.wedge({ text, reader: 'camera' });
  });
  // What was scanned at a locked screen is said there; it is no news to whoever unlocked it.
  const forgetScan = scan.clear;
  useEffect(() => {
    if (atWork) forgetScan();
  }, [atWork, forgetScan]);
  const release = useTask(async () => {
    if (identification === null) return;
    try {
      const released = await pos.identifications.release({ id: identification.identificationId });
      // An answer about nobody has nothing to release: it only goes from the screen.
      store.show({ identification: isLive(released) ? null : released });
    } catch (error) {
      // The till let go of it first, by time or because nobody was named: then it goes from the screen, too.
      if (toProblem(error).code !== 'identification-unknown') throw error;
      store.show({ identification: null });
    }
  });
  const lock = useTask(async () => onSession(await screen.staff.lock()));
  const signOut = useTask(async () => onSession(await screen.staff.signOut()));

  const typeIn = (next: TypedMeans): void => {
    // The field's name changes with the means; focus it after that, so that a screen reader says the right one.
    flushSync(() => setMeans(next));
    field.current?.focus();
    field.current?.select();
  };
  const face = useFace(identification);
  const ask = face.scene?.ask ?? null;
  const missing = [
    ...(face.lacking === null ? [] : [face.lacking]),
    ...(sale?.decisions.filter(({ outcome }) => outcome !== 'enough') ?? []),
  ];
  const mayOverride = live !== null && missing.length > 0;
  const mayRelease = live !== null && sale?.state !== 'HELD';
  const joins = view.status !== null && view.status.headquarters.state !== 'not-configured';
  const mayJoin = joins && sale?.state !== 'HELD';

  useHotKeys({ F10: toggle }, true, 'everywhere');
  useHotKeys(
    {
      F1: mayJoin ? () => open('join') : undefined,
      F2: () => typeIn('card'),
      F3: mayOverride ? () => open('override') : undefined,
      F4: () => typeIn('phone'),
      F5: () => open('return'),
      F6: () => open('parked'),
      F7: simulated === undefined ? undefined : () => open('scanner'),
      F8: mayRelease ? () => void release.run(undefined) : undefined,
      F9: () => void lock.run(undefined),
      F11: memberId === undefined ? undefined : () => open('wallet'),
      [FACE_KEY]: ask === null ? undefined : () => void face.start.run(ask),
      Escape: () => {
        if (face.scene?.open != null) void face.cancel.run(undefined);
        else if (lookingAt !== null) void store.lookAt(null);
        else field.current?.blur();
      },
    },
    atWork,
  );

  return (
    <div className={css['screen']}>
      <div className={css['page']}>
        <TopBar
          onDevices={() => open('devices')}
          onPairing={() => open('pairing')}
          onWedge={() => open('wedge')}
          onLock={() => void lock.run(undefined)}
          onSignOut={() => void signOut.run(undefined)}
        />
        <Banners />
        {session === null ? (
          <Waiting />
        ) : !atWork ? (
          <main className={css['middle']}>
            {session.staff === null ? <SignIn demo={demo} /> : <LockScreen demo={demo} />}
            <ProblemNotice problem={scan.problem} />
          </main>
        ) : (
          <>
            <SaleArea
              onWallet={() => open('wallet')}
              identify={
                <>
                  <IdentifyPanel
                    means={means}
                    onMeans={typeIn}
                    field={field}
                    refused={refused}
                    onCamera={() => {
                      cameraScan.clear();
                      open('camera');
                    }}
                  />
                  <FacePanel face={face} />
                  <ProblemNotice
                    problem={release.problem ?? scan.problem ?? lock.problem ?? view.problem}
                  />
                </>
              }
            />
            <FunctionBar
              joins={joins}
              onJoin={mayJoin ? () => open('join') : undefined}
              onReturn={() => open('return')}
              onParked={() => open('parked')}
              onScanner={simulated === undefined ? undefined : () => open('scanner')}
              onLock={() => void lock.run(undefined)}
              onOverride={mayOverride ? () => open('override') : undefined}
              onRelease={mayRelease ? () => void release.run(undefined) : undefined}
            />
          </>
        )}
      </div>
      <DevicesDrawer opened={layer === 'devices'} onClose={close} />
      <PairingDialog opened={layer === 'pairing'} onClose={close} />
      <WedgeDialog opened={layer === 'wedge'} onClose={close} />
      <CameraDialog
        opened={layer === 'camera'}
        onClose={close}
        problem={cameraScan.problem}
        onCode={({ text, aim }) => cameraScan.run(`${aim}${text}`)}
      />
      <JoinDialog opened={layer === 'join'} onClose={close} />
      <ParkedDrawer opened={layer === 'parked'} onClose={close} />
      <ReturnDialog opened={layer === 'return'} onClose={close} />
      {memberId === undefined ? null : (
        <WalletDrawer
          opened={layer === 'wallet'}
          onClose={close}
          memberId={memberId}
          identificationId={
            live?.member?.memberId === memberId ? live?.identificationId : undefined
          }
        />
      )}
      {simulated === undefined ? null : (
        <ScannerDrawer
          opened={layer === 'scanner'}
          onClose={close}
          device={simulated}
          demo={demo}
        />
      )}
      {live === null ? null : (
        <OverrideDialog
          opened={layer === 'override'}
          onClose={close}
          identificationId={live.identificationId}
          decisions={missing}
        />
      )}
    </div>
  );
}
