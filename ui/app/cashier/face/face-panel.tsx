import { useState } from 'react';
import type { Decision, FacePurpose, Identification } from '../../../../agent/contract/index.ts';
import { KeyButton } from '../../../kit/key-button.tsx';
import { Notice } from '../../../kit/notice.tsx';
import { ProblemNotice } from '../../../kit/problem-notice.tsx';
import { ToneShape } from '../../../kit/status-mark.tsx';
import { useLanguage } from '../../i18n/use-language.ts';
import { useHotKeys } from '../../kit/use-hot-keys.ts';
import { useTask } from '../../kit/use-task.ts';
import { useTill } from '../till-context.ts';
import { isLive } from '../till-view.ts';
import css from './face-panel.module.css';
import { type FaceScene, faceScene } from './face-scene.ts';
import { useFaceWatch } from './use-face-watch.ts';

/** The key that asks for a face. */
const FACE_KEY = 'F12';

/**
 * The face beside the identification: one state, what is missing, and the way to ask for it or stop it. No picture and no
 * figure of a face comes here.
 */
export function FacePanel({ identification }: { readonly identification: Identification | null }) {
  const watch = useFaceWatch();
  const scene = watch === null ? null : faceScene(watch, identification);
  return scene === null ? null : <Shown scene={scene} identification={identification} />;
}

function Shown(props: {
  readonly scene: FaceScene;
  readonly identification: Identification | null;
}) {
  const { t, say } = useLanguage();
  const { link, view } = useTill();
  const { scene } = props;
  const live = isLive(props.identification) ? props.identification : null;
  const { faces } = link.client.screen;
  const [lacking, setLacking] = useState<Decision | null>(null);
  const start = useTask(async (purpose: FacePurpose) => {
    setLacking(null);
    const { sale } = view;
    const basketId = live?.basketId ?? (sale?.state === 'COMMITTED' ? undefined : sale?.basketId);
    const started = await faces.start({
      purpose,
      by: 'cashier',
      ...(purpose === 'identify' || live === null
        ? {}
        : { identificationId: live.identificationId }),
      ...(basketId === undefined ? {} : { basketId }),
    });
    if (started.outcome === 'proof-needed') setLacking(started.decision);
  });
  const cancel = useTask(async (sessionId: NonNullable<FaceScene['open']>['sessionId']) => {
    setLacking(null);
    await faces.cancel({ sessionId });
  });
  const { ask, open } = scene;
  const mayEnrol = start.problem?.code === 'face-not-enrolled' && live?.outcome === 'identified';
  useHotKeys({
    [FACE_KEY]: ask === null ? undefined : () => void start.run(ask),
    // Only while there is something to end: the page has other uses for the key.
    ...(open === null ? {} : { Escape: () => void cancel.run(open.sessionId) }),
  });
  return (
    <section className={css['panel']} data-tone={scene.tone} aria-label={t('face.title')}>
      <div className={css['row']}>
        <div className={css['state']} role="status" data-testid="face-state">
          <p className={css['mark']}>
            <ToneShape tone={scene.tone} size={20} />
            <span>{t(`face.mark.${scene.mark}`)}</span>
            {scene.frames === undefined ? null : (
              <span className={css['frames']}>
                {t('face.frames', { good: scene.frames.good, needed: scene.frames.needed })}
              </span>
            )}
          </p>
          <Words scene={scene} />
        </div>
        {open !== null ? (
          <KeyButton
            keyName="Esc"
            variant="default"
            px={10}
            onClick={() => void cancel.run(open.sessionId)}
          >
            {t('face.stop')}
          </KeyButton>
        ) : ask === null ? null : (
          <KeyButton
            keyName={FACE_KEY}
            variant="default"
            px={10}
            onClick={() => void start.run(ask)}
          >
            {t(`face.ask.${ask}`)}
          </KeyButton>
        )}
      </div>
      <ProblemNotice problem={open === null ? (start.problem ?? cancel.problem) : null} />
      {mayEnrol && open === null ? (
        <KeyButton variant="default" onClick={() => void start.run('enrol')}>
          {t('face.enrol')}
        </KeyButton>
      ) : null}
      {lacking === null || open !== null ? null : (
        <Notice tone="warn" title={t('face.proofNeeded')}>
          {[...lacking.reasons, ...lacking.stepUp].map(({ text }) => say(text)).join(' ')}
        </Notice>
      )}
    </section>
  );
}

function Words({ scene }: { readonly scene: FaceScene }) {
  const { t, say } = useLanguage();
  const { sentence, tell, remedy, missing } = scene;
  return (
    <>
      {sentence === undefined ? null : <p>{say(sentence)}</p>}
      {tell === undefined ? null : <p>{t('face.tell', { words: say(tell) })}</p>}
      {remedy === undefined ? null : <p>{say(remedy)}</p>}
      {missing === undefined ? null : (
        <p className={css['missing']}>{t(`face.missing.${missing}`)}</p>
      )}
    </>
  );
}
