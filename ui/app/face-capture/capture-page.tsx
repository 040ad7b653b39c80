import { lazy, Suspense, useEffect, useRef, useState } from 'react';
import { useEnv } from '../../kit/env.ts';
import { Notice } from '../../kit/notice.tsx';
import { FACE_CAMERA_KEY, readCamera } from '../camera-codes/camera-choice.ts';
import { useLanguage } from '../i18n/use-language.ts';
import type { TillClient } from '../link.ts';
import { type CaptureParts, type CaptureState, startFaceCapture } from './capture-camera.ts';
import css from './capture-page.module.css';
import { runCaptures } from './run-captures.ts';
import { createFrameSealer } from './seal-frames.ts';
import type { SimCamera } from './sim/sim-camera.ts';

/** Loaded where the till simulates a camera, and nowhere else. */
const SimPanel = lazy(() => import('./sim/sim-panel.tsx'));

/** The page at the camera: shows the member their own picture and what to do, while a session asks, and else nothing. */
export function CapturePage({
  client,
  parts,
  onShown,
  sim,
}: {
  readonly client: TillClient['capture'];
  readonly parts: CaptureParts;
  /** The simulated camera, which the till may ask for in place of a real one. */
  readonly sim?: SimCamera;
  /** Whether there is something to be seen on the page; it has to be the same function at each rendering. */
  readonly onShown?: (shown: boolean) => void;
}) {
  const { preferences } = useEnv();
  const [state, setState] = useState<CaptureState | null>(null);
  const [isSimulated, setSimulated] = useState(false);
  useEffect(() => {
    const running = runCaptures(
      {
        client,
        start: (wish, onState, onFrame) =>
          startFaceCapture(
            wish.simulated === true && sim !== undefined ? { ...parts, media: sim.media } : parts,
            wish,
            onState,
            onFrame,
          ),
        onSimulated: setSimulated,
        seal: createFrameSealer,
        camera: () => readCamera(preferences, FACE_CAMERA_KEY),
        wait: (delayMs) => new Promise((done) => setTimeout(done, delayMs)),
      },
      setState,
    );
    return () => running.close();
  }, [client, parts, preferences, sim]);
  const isShown = state !== null;
  useEffect(() => onShown?.(isShown), [onShown, isShown]);
  return (
    <main className={css['page']}>
      {state === null ? null : <Capture state={state} />}
      {isSimulated && sim !== undefined ? (
        <Suspense>
          <SimPanel camera={sim} state={state} />
        </Suspense>
      ) : null}
    </main>
  );
}

function Capture({ state }: { readonly state: CaptureState }) {
  const { t } = useLanguage();
  const video = useRef<HTMLVideoElement>(null);
  const stream = state.phase === 'looking' ? state.stream : null;
  useEffect(() => {
    if (video.current !== null) video.current.srcObject = stream;
  }, [stream]);
  if (state.phase === 'starting') return <Notice tone="info" title={t('faceCapture.starting')} />;
  if (state.phase === 'stopped')
    return state.missing === undefined ? (
      <Notice tone="warn" title={t(`faceCapture.end.${state.end}`)}>
        {t(`faceCapture.endHint.${state.end}`)}
      </Notice>
    ) : (
      <Notice tone="warn" title={t('faceCapture.gone', { camera: state.missing })}>
        {t('faceCapture.goneHint')}
      </Notice>
    );
  const { notice, progress } = state;
  return (
    <>
      <video
        ref={video}
        className={css['picture']}
        aria-label={t('faceCapture.picture')}
        autoPlay
        muted
        playsInline
      />
      <Notice tone="info" title={request(t, state)}>
        {progress === null ? undefined : t('faceCapture.challenge.progress', { ...progress })}
      </Notice>
      {notice === null ? null : (
        <Notice tone="warn" title={t(`faceCapture.notice.${notice}`)}>
          {t(`faceCapture.noticeHint.${notice}`)}
        </Notice>
      )}
    </>
  );
}

/** One thing to do: a movement that is asked for counts before what a turned face lacks by turning. */
function request(
  t: ReturnType<typeof useLanguage>['t'],
  { fault, progress, poses }: CaptureState & { phase: 'looking' },
): string {
  if (progress !== null && progress.asked !== 'look')
    return t(`faceCapture.challenge.${progress.asked}`);
  if (fault !== null) return t(`faceCapture.fault.${fault}`);
  if (progress !== null) return t('faceCapture.challenge.look');
  return t(poses ? 'faceCapture.poses' : 'faceCapture.good');
}
