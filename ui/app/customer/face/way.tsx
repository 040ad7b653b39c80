import { Button } from '@mantine/core';
import type { FaceSession } from '../../../../agent/contract/index.ts';
import { ProblemNotice } from '../../../kit/problem-notice.tsx';
import { useTill } from '../../cashier/till-context.ts';
import { useLanguage } from '../../i18n/use-language.ts';
import { useTask } from '../../kit/use-task.ts';
import css from './customer-face.module.css';
import { secondsLeft } from './customer-face-scene.ts';

/** The way without a face, and how long is left: on every screen where one is asked for. */
export function Way({
  session,
  nowMs,
  children,
}: {
  readonly session: FaceSession;
  readonly nowMs: number;
  readonly children?: React.ReactNode;
}) {
  const { t } = useLanguage();
  const { link } = useTill();
  const cancel = useTask(() => link.client.screen.faces.cancel({ sessionId: session.sessionId }));
  return (
    <footer className={css['way']}>
      <p className={css['small']}>
        {t('faceOwn.withoutHint')} {t('faceOwn.left', { seconds: secondsLeft(session, nowMs) })}
      </p>
      <ProblemNotice problem={cancel.problem} />
      <div className={css['acts']}>
        <Button
          variant="default"
          className={css['touch']}
          loading={cancel.busy}
          onClick={() => void cancel.run(undefined)}
        >
          {t('faceOwn.without')}
        </Button>
        {children}
      </div>
    </footer>
  );
}
