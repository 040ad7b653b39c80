import { KeyButton } from '../../../kit/key-button.tsx';
import { Notice } from '../../../kit/notice.tsx';
import { ProblemNotice } from '../../../kit/problem-notice.tsx';
import { ToneShape } from '../../../kit/status-mark.tsx';
import { useLanguage } from '../../i18n/use-language.ts';
import { FACE_KEY_NAME } from './face-key.ts';
import css from './face-panel.module.css';
import type { FaceScene } from './face-scene.ts';
import type { FaceUse } from './use-face.ts';

/**
 * The face beside the identification: one state, what is missing, and the way to ask for it or stop it. No picture and no
 * figure of a face comes here.
 */
export function FacePanel({ face }: { readonly face: FaceUse }) {
  const { t, say } = useLanguage();
  const { scene, start, problem, lacking, mayEnrol } = face;
  if (scene === null) return null;
  return (
    <section className={css['panel']} data-tone={scene.tone} aria-label={t('face.title')}>
      <div className={css['row']}>
        <div className={css['state']} role="status" data-testid="face-state">
          <Words scene={scene} />
        </div>
        <Act face={face} scene={scene} />
      </div>
      <ProblemNotice problem={problem} />
      {mayEnrol ? (
        <KeyButton variant="default" onClick={() => void start.run('enrol')}>
          {t('face.enrol')}
        </KeyButton>
      ) : null}
      {lacking === null ? null : (
        <Notice tone="warn" title={t('face.proofNeeded')}>
          {[...lacking.reasons, ...lacking.stepUp].map(({ text }) => say(text)).join(' ')}
        </Notice>
      )}
    </section>
  );
}

function Act({ face, scene }: { readonly face: FaceUse; readonly scene: FaceScene }) {
  const { t } = useLanguage();
  const { open, ask } = scene;
  if (open !== null)
    return (
      <KeyButton
        keyName="Esc"
        variant="default"
        px={10}
        onClick={() => void face.cancel.run(undefined)}
      >
        {t('face.stop')}
      </KeyButton>
    );
  return ask === null ? null : (
    <KeyButton
      keyName={FACE_KEY_NAME}
      variant="default"
      px={10}
      onClick={() => void face.start.run(ask)}
    >
      {t(`face.ask.${ask}`)}
    </KeyButton>
  );
}

function Words({ scene }: { readonly scene: FaceScene }) {
  const { t, say } = useLanguage();
  const { mark, tone, frames, sentence, tell, remedy, missing } = scene;
  return (
    <>
      <p className={css['mark']}>
        <ToneShape tone={tone} size={20} />
        <span>{t(`face.mark.${mark}`)}</span>
        {frames === undefined ? null : (
          <span className={css['frames']}>
            {t('face.frames', { good: frames.good, needed: frames.needed })}
          </span>
        )}
      </p>
      {sentence === undefined ? null : <p>{say(sentence)}</p>}
      {tell === undefined ? null : <p>{t('face.tell', { words: say(tell) })}</p>}
      {remedy === undefined ? null : <p>{say(remedy)}</p>}
      {missing === undefined ? null : (
        <p className={css['missing']}>{t(`face.missing.${missing}`)}</p>
      )}
    </>
  );
}
