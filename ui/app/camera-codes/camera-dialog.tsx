import { Button, Modal } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { useEnv } from '../../kit/env.ts';
import { Notice } from '../../kit/notice.tsx';
import { ProblemNotice } from '../../kit/problem-notice.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import type { Problem } from '../kit/problem.ts';
import { browserCamera } from './browser-camera.ts';
import { type Camera, cameraNames, keepCamera, readCamera } from './camera-choice.ts';
import css from './camera-dialog.module.css';
import type { CameraNotice } from './camera-reader.ts';
import type { CameraCode } from './code-gate.ts';
import type { CameraProblem, Cameras } from './open-camera.ts';
import { useCamera } from './use-camera.ts';

/**
 * Reads codes with the camera while it is open, and only then.
 * @param onCode hands a code on; answers whether it was taken, which closes the dialog
 */
export function CameraDialog(props: {
  readonly opened: boolean;
  readonly onClose: () => void;
  readonly onCode: (code: CameraCode) => Promise<boolean>;
  readonly problem: Problem | null;
}) {
  const { t } = useLanguage();
  return (
    <Modal
      opened={props.opened}
      onClose={props.onClose}
      title={t('camera.title')}
      size={560}
      closeButtonProps={{ 'aria-label': t('app.close') }}
    >
      {props.opened ? <Reading {...props} /> : null}
    </Modal>
  );
}

function Reading(props: {
  readonly onClose: () => void;
  readonly onCode: (code: CameraCode) => Promise<boolean>;
  readonly problem: Problem | null;
}) {
  const { t } = useLanguage();
  const { preferences } = useEnv();
  const [turn, setTurn] = useState(0);
  const [meant, setMeant] = useState(() => readCamera(preferences));
  const state = useCamera(browserCamera, meant, turn, async (code) => {
    if ((await props.onCode(code)) && isShown.current) props.onClose();
  });
  // A till that answers late must not close what was opened meanwhile.
  const isShown = useRef(true);
  useEffect(() => {
    isShown.current = true;
    return () => {
      isShown.current = false;
    };
  }, []);
  const choose = (camera: Camera): void => {
    keepCamera(preferences, camera);
    setMeant(camera);
  };
  // While another one starts the choice stays where the finger or the focus is.
  const known = useRef<Cameras>({ all: [] });
  if (state.phase !== 'starting') known.current = state.cameras;
  const video = useRef<HTMLVideoElement>(null);
  const stream = state.phase === 'looking' ? state.stream : null;
  useEffect(() => {
    if (video.current !== null) video.current.srcObject = stream;
  }, [stream]);
  return (
    <div className={css['stack']}>
      <p>{t('camera.hint')}</p>
      {state.phase === 'stopped' ? null : (
        <video
          ref={video}
          className={css['picture']}
          aria-label={t('camera.picture')}
          autoPlay
          muted
          playsInline
        />
      )}
      <div className={css['stack']} aria-live="polite" data-camera={state.phase}>
        {state.phase === 'starting' ? (
          <Notice tone="info" title={t('camera.starting')} />
        ) : state.phase === 'looking' ? (
          <>
            <LookingNotice notice={state.notice} />
            <MissingNotice cameras={state.cameras} />
          </>
        ) : (
          <StoppedNotice problem={state.problem} />
        )}
      </div>
      <Choice cameras={known.current} onChoose={choose} />
      <ProblemNotice problem={props.problem} />
      {state.phase === 'stopped' ? (
        <Button onClick={() => setTurn(turn + 1)}>{t('app.retry')}</Button>
      ) : null}
    </div>
  );
}

/** Which camera reads, where there are several; what is chosen is kept for this till. */
function Choice(props: { readonly cameras: Cameras; readonly onChoose: (camera: Camera) => void }) {
  const { t } = useLanguage();
  const { all, current, missing } = props.cameras;
  if (all.length < 2) return null;
  const names = cameraNames(all);
  return (
    <fieldset className={css['choice']}>
      <legend>{t('camera.which')}</legend>
      {all.map((camera, index) => (
        <button
          key={camera.deviceId}
          type="button"
          className={css['camera']}
          // One that only stands in for another is not chosen, and can be.
          aria-pressed={missing === undefined && camera.deviceId === current?.deviceId}
          onClick={() => props.onChoose(camera)}
        >
          {names[index]}
        </button>
      ))}
    </fieldset>
  );
}

/** The camera that was chosen is not there, and another stands in for it. */
function MissingNotice({ cameras: { current, missing } }: { readonly cameras: Cameras }) {
  const { t } = useLanguage();
  if (missing === undefined) return null;
  return (
    <Notice tone="warn" title={t('camera.missing', { camera: missing })}>
      {t('camera.missingHint', { camera: current?.label })}
    </Notice>
  );
}

function LookingNotice({ notice }: { readonly notice: CameraNotice }) {
  const { t } = useLanguage();
  switch (notice) {
    case null:
      return <Notice tone="info" title={t('camera.looking')} />;
    case 'several':
      return <Notice tone="warn" title={t('camera.several')} />;
    case 'over-long':
      return <Notice tone="warn" title={t('wedge.refused.over-long')} />;
    case 'dark':
    case 'slow':
      return (
        <Notice tone="warn" title={t(`camera.${notice}`)}>
          {t(`camera.${notice}Hint`)}
        </Notice>
      );
  }
}

const WORDS = {
  'no-camera': 'noCamera',
  denied: 'denied',
  busy: 'busy',
  unplugged: 'unplugged',
  failed: 'failed',
} as const;

function StoppedNotice({ problem }: { readonly problem: CameraProblem | 'idle' | 'hidden' }) {
  const { t } = useLanguage();
  if (problem === 'idle' || problem === 'hidden')
    return <Notice tone="info" title={t(`camera.${problem}`)} />;
  const words = WORDS[problem];
  return (
    <Notice tone="warn" title={t(`camera.${words}`)}>
      {t(`camera.${words}Hint`)}
    </Notice>
  );
}
