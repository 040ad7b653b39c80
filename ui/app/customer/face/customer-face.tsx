import { Button } from '@mantine/core';
import { useState } from 'react';
import type { Decision, FaceSession, IdentificationId } from '../../../../agent/contract/index.ts';
import { Notice } from '../../../kit/notice.tsx';
import { ProblemNotice } from '../../../kit/problem-notice.tsx';
import { useFaceWatch } from '../../cashier/face/use-face-watch.ts';
import { useTill } from '../../cashier/till-context.ts';
import { useLanguage } from '../../i18n/use-language.ts';
import { useTask } from '../../kit/use-task.ts';
import css from './customer-face.module.css';
import { cameraAsk, customerFaceScene } from './customer-face-scene.ts';
import { FaceAgreement } from './face-agreement.tsx';
import { Lacking } from './lacking.tsx';
import { OwnFace } from './own-face.tsx';
import { Way } from './way.tsx';

/**
 * Faces on the customer's screen: what a member may do in a bar at its foot; consent, camera, end and own data above the rest
 * of the page. The member's picture is on the page at the camera, which is another one with a permission of its own.
 */
export function CustomerFace({ nowMs }: { readonly nowMs: number }) {
  const { view } = useTill();
  const watch = useFaceWatch();
  const [dismissed, setDismissed] = useState<string | null>(null);
  // Own data belong to whoever asked for them: with the next shopper they are gone.
  const [own, setOwn] = useState<IdentificationId | null>(null);
  const scene = customerFaceScene(watch, view.identification, dismissed);
  switch (scene.kind) {
    case 'none':
      return null;
    case 'consent':
      return <FaceAgreement session={scene.session} nowMs={nowMs} />;
    case 'camera':
      return <Camera session={scene.session} nowMs={nowMs} />;
    case 'done':
      return <Done session={scene.session} onRead={() => setDismissed(scene.session.sessionId)} />;
    case 'offer':
      return own === scene.identificationId ? (
        <OwnFace identificationId={own} onClose={() => setOwn(null)} />
      ) : (
        <Offer
          key={scene.identificationId}
          identificationId={scene.identificationId}
          isOn={watch?.on === true}
          onOwn={() => setOwn(scene.identificationId)}
        />
      );
  }
}

/** What a member may do, without being asked to. */
function Offer({
  identificationId,
  isOn,
  onOwn,
}: {
  readonly identificationId: IdentificationId;
  readonly isOn: boolean;
  readonly onOwn: () => void;
}) {
  const { t } = useLanguage();
  const { link, view } = useTill();
  const [lacking, setLacking] = useState<Decision | null>(null);
  const enrol = useTask(async () => {
    setLacking(null);
    const basketId = view.identification?.basketId;
    const started = await link.client.screen.faces.start({
      ...{ purpose: 'enrol', by: 'customer', identificationId },
      ...(basketId === undefined ? {} : { basketId }),
    });
    if (started.outcome === 'proof-needed') setLacking(started.decision);
  });
  return (
    <section className={css['offer']} aria-label={t('faceOwn.title')}>
      <div className={css['said']}>
        {lacking === null ? (
          <ProblemNotice problem={enrol.problem} />
        ) : (
          <Lacking title={t('faceOwn.proof')} decision={lacking} />
        )}
        {lacking === null && enrol.problem === null && isOn ? <p>{t('faceOwn.offer')}</p> : null}
      </div>
      <div className={css['acts']}>
        <Button variant="default" className={css['touch']} onClick={onOwn}>
          {t('faceOwn.own')}
        </Button>
        {isOn ? (
          <Button
            className={css['touch']}
            loading={enrol.busy}
            onClick={() => void enrol.run(undefined)}
          >
            {t('faceOwn.enrol')}
          </Button>
        ) : null}
      </div>
    </section>
  );
}

function Camera({ session, nowMs }: { readonly session: FaceSession; readonly nowMs: number }) {
  const { t, say } = useLanguage();
  const asked = cameraAsk(session);
  const { good, needed } = session.frames;
  return (
    <section className={css['over']} aria-label={t('faceOwn.title')} data-testid="face-camera">
      <div className={css['middle']}>
        <p className={css['ask']} role="status">
          {asked === 'fault' ? say(session.guidance) : t(`faceOwn.camera.${asked}`)}
        </p>
        {asked === 'trouble' ? (
          <Notice tone="warn" title={say(session.sentence)}>
            {t('faceOwn.troubleHint')}
          </Notice>
        ) : null}
        <p className={css['dots']} role="img" aria-label={t('faceOwn.progress', { good, needed })}>
          {Array.from({ length: needed }, (_, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: dots have nothing but their place.
            <span key={at} data-full={at < good} />
          ))}
        </p>
        <p className={css['small']}>{t('faceOwn.progress', { good, needed })}</p>
      </div>
      <Way session={session} nowMs={nowMs} />
    </section>
  );
}

function Done({ session, onRead }: { readonly session: FaceSession; readonly onRead: () => void }) {
  const { t, say } = useLanguage();
  const isEnrolled = session.outcome === 'enrolled';
  return (
    <section className={css['over']} aria-label={t('faceOwn.title')} data-testid="face-done">
      <div className={css['middle']}>
        <p className={css['ask']} role="status">
          {t(isEnrolled ? 'faceOwn.done.enrolled' : 'faceOwn.done.failed')}
        </p>
        {isEnrolled ? (
          <p className={css['small']}>{t('faceOwn.done.enrolledHint')}</p>
        ) : (
          <>
            <p>{say(session.sentence)}</p>
            <p className={css['small']}>{t('faceOwn.withoutHint')}</p>
          </>
        )}
      </div>
      <footer className={css['way']}>
        <div className={css['acts']}>
          <Button className={css['touch']} onClick={onRead}>
            {t('faceOwn.done.ok')}
          </Button>
        </div>
      </footer>
    </section>
  );
}
