import { Button } from '@mantine/core';
import { useCallback, useEffect, useState } from 'react';
import { useEnv } from '../../kit/env.ts';
import { Notice } from '../../kit/notice.tsx';
import { StatusMark } from '../../kit/status-mark.tsx';
import {
  type Camera,
  cameraNames,
  FACE_CAMERA_KEY,
  findCamera,
  keepCamera,
  listCameras,
  readCamera,
} from '../camera-codes/camera-choice.ts';
import { type CameraMedia, openCamera } from '../camera-codes/open-camera.ts';
import { useLanguage } from '../i18n/use-language.ts';
import css from './devices-page.module.css';

/** What of the browser's cameras is needed: also that one comes or goes. */
export type WatchedCameras = CameraMedia &
  Pick<MediaDevices, 'addEventListener' | 'removeEventListener'>;

/**
 * Which camera looks at faces. Cameras belong to the page and not to the agent, so the choice is kept where this browser keeps
 * its own: the page at the camera has to be opened in the same one.
 * @param props.keeps whether a manager or IT stands here @param props.media absent = this machine's
 */
export function FaceCameraSection(props: {
  readonly keeps: boolean;
  readonly media?: WatchedCameras;
}) {
  const { t } = useLanguage();
  const { preferences } = useEnv();
  const media = props.media ?? (navigator.mediaDevices as WatchedCameras | undefined);
  const { cameras, unnamed, look } = useCameras(media);
  const [chosen, setChosen] = useState(() => readCamera(preferences, FACE_CAMERA_KEY));
  const [isDenied, setDenied] = useState(false);
  if (cameras.length === 0 && !unnamed && chosen === null) return null;
  const found = chosen === null ? undefined : findCamera(cameras, chosen);
  const isGone = chosen !== null && cameras.length > 0 && found === undefined;
  const choose = (camera: Camera | null): void => {
    keepCamera(preferences, camera, FACE_CAMERA_KEY);
    setChosen(camera);
  };
  /** A browser tells names once a camera was open. */
  const name = async (): Promise<void> => {
    const { stream } = await openCamera(media, null);
    if (stream.ok) for (const track of stream.value.getTracks()) track.stop();
    setDenied(!stream.ok);
    look();
  };
  const names = cameraNames(cameras);
  return (
    <section
      className={chosen === null ? `${css['card']} ${css['free']}` : css['card']}
      aria-label={t('faceCamera.title')}
      data-device="face-camera"
    >
      <header className={css['cardHead']}>
        <div>
          <h2 className={css['name']}>{t('faceCamera.title')}</h2>
          <p className={css['facts']}>{t('faceCamera.about')}</p>
        </div>
        <div className={css['marks']} aria-live="polite">
          <StatusMark tone={isGone ? 'warn' : found === undefined ? 'idle' : 'ok'}>
            {isGone
              ? t('faceCamera.gone')
              : chosen === null
                ? t('faceCamera.any')
                : (found ?? chosen).label}
          </StatusMark>
        </div>
      </header>
      {isGone ? (
        <Notice tone="warn" title={t('faceCapture.gone', { camera: chosen.label })}>
          {t('faceCamera.goneHint')}
        </Notice>
      ) : null}
      {isDenied ? (
        <Notice tone="warn" title={t('camera.denied')}>
          {t('camera.deniedHint')}
        </Notice>
      ) : null}
      {props.keeps ? (
        <fieldset
          className={`${css['actions']} ${css['bare']}`}
          aria-label={t('faceCamera.choose')}
        >
          {unnamed ? (
            <Button variant="default" onClick={() => void name()}>
              {t('faceCamera.name')}
            </Button>
          ) : (
            <Button
              variant={chosen === null ? 'filled' : 'default'}
              aria-pressed={chosen === null}
              onClick={() => choose(null)}
            >
              {t('faceCamera.any')}
            </Button>
          )}
          {cameras.map((camera, index) => (
            <Button
              key={camera.deviceId}
              variant={camera.deviceId === found?.deviceId ? 'filled' : 'default'}
              aria-pressed={camera.deviceId === found?.deviceId}
              onClick={() => choose(camera)}
            >
              {names[index]}
            </Button>
          ))}
        </fieldset>
      ) : null}
    </section>
  );
}

/** The cameras of this machine now; `unnamed` = there are some, and the browser does not tell this page their names yet. */
function useCameras(media: WatchedCameras | undefined): {
  readonly cameras: readonly Camera[];
  readonly unnamed: boolean;
  readonly look: () => void;
} {
  const [seen, setSeen] = useState<{
    readonly cameras: readonly Camera[];
    readonly unnamed: boolean;
  }>({ cameras: [], unnamed: false });
  const look = useCallback((): void => {
    if (media === undefined) return;
    void Promise.all([listCameras(media), media.enumerateDevices()]).then(
      ([cameras, all]) =>
        setSeen({
          cameras,
          unnamed: cameras.length === 0 && all.some(({ kind }) => kind === 'videoinput'),
        }),
      () => setSeen({ cameras: [], unnamed: false }),
    );
  }, [media]);
  useEffect(() => {
    look();
    media?.addEventListener('devicechange', look);
    return () => media?.removeEventListener('devicechange', look);
  }, [media, look]);
  return { ...seen, look };
}
