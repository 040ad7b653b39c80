import { Button, Checkbox } from '@mantine/core';
import { useId, useState } from 'react';
import type { FaceSession } from '../../../../agent/contract/index.ts';
import { ProblemNotice } from '../../../kit/problem-notice.tsx';
import { useTill } from '../../cashier/till-context.ts';
import { useLanguage } from '../../i18n/use-language.ts';
import { useAnswer } from '../../kit/use-answer.ts';
import { useTask } from '../../kit/use-task.ts';
import css from './customer-face.module.css';
import { Way } from './way.tsx';

/** As large as a finger needs it, and growing with the page. */
const LARGE = {
  classNames: { body: css['tick'] ?? '', labelWrapper: css['tickLabel'] ?? '' },
  vars: () => ({ root: { '--checkbox-size': 'max(48px, 1.8em)' } }),
} as const;

/** The member reads and decides: two consents apart from each other, neither given before they do. */
export function FaceAgreement(props: { readonly session: FaceSession; readonly nowMs: number }) {
  const { session, nowMs } = props;
  const { t, say, language } = useLanguage();
  const { link } = useTill();
  const { faces } = link.client.screen;
  const text = useAnswer(session.sessionId, () => faces.consent());
  const [store, setStore] = useState(false);
  const [chain, setChain] = useState(false);
  const ids = [useId(), useId()] as const;
  const agree = useTask(async () => {
    if (text.value === null) return;
    const { textVersion } = text.value;
    const scope = chain ? 'chain' : 'store';
    await faces.agree({ sessionId: session.sessionId, textVersion, language, scope });
  });
  return (
    <section className={css['over']} aria-label={t('faceOwn.title')} data-testid="face-consent">
      <div className={css['read']}>
        <h2 className={css['title']}>{t('faceOwn.consentTitle')}</h2>
        <ProblemNotice problem={text.problem} />
        {text.value === null ? null : (
          <>
            <div className={css['choice']}>
              <p id={ids[0]}>{say(text.value.storeText)}</p>
              <Checkbox
                checked={store}
                onChange={({ currentTarget }) => {
                  setStore(currentTarget.checked);
                  if (!currentTarget.checked) setChain(false);
                }}
                label={t('faceOwn.store')}
                aria-describedby={ids[0]}
                {...LARGE}
              />
            </div>
            <div className={css['choice']}>
              <p id={ids[1]}>{say(text.value.chainText)}</p>
              <Checkbox
                checked={chain}
                disabled={!store}
                onChange={({ currentTarget }) => setChain(currentTarget.checked)}
                label={`${t('faceOwn.chain')} (${t('faceOwn.optional')})`}
                aria-describedby={ids[1]}
                {...LARGE}
              />
            </div>
            <p className={css['small']}>
              {t('faceOwn.data.kept')} {t('faceOwn.version', { version: text.value.textVersion })}
            </p>
          </>
        )}
        <ProblemNotice problem={agree.problem} />
      </div>
      <Way session={session} nowMs={nowMs}>
        <Button
          className={css['touch']}
          disabled={!store || text.value === null}
          loading={agree.busy}
          onClick={() => void agree.run(undefined)}
        >
          {t(store ? 'faceOwn.agree' : 'faceOwn.agreeHint')}
        </Button>
      </Way>
    </section>
  );
}
