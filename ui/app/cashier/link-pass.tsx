import { Button, Textarea } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import type { Decision, IdentificationId, PassLink } from '../../../agent/contract/index.ts';
import { useEnv } from '../../kit/env.ts';
import { Notice } from '../../kit/notice.tsx';
import { ProblemNotice } from '../../kit/problem-notice.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import { useTask } from '../kit/use-task.ts';
import { QrPicture } from '../wedge/code-picture.tsx';
import dialog from './dialog.module.css';
import css from './link-pass.module.css';
import { useManagerSignature } from './manager-signature.tsx';
import { useTill } from './till-context.ts';
import { useFormat } from './use-format.ts';

/** Shortest reason, as the contract has it. */
const REASON_MIN_CHARS = 3;

/**
 * Gives the member at the till a code that links their phone. Where what they have shown is not enough for that, a manager
 * vouches; without headquarters it says so.
 */
export function LinkPass({ identificationId }: { readonly identificationId: IdentificationId }) {
  const { t } = useLanguage();
  const { link } = useTill();
  const [answer, setAnswer] = useState<PassLink | null>(null);
  const ask = useTask(async () => {
    setAnswer(await link.client.screen.passes.link({ identificationId }));
  });
  return (
    <section aria-label={t('pass.title')} className={dialog['stack']}>
      <h3 className={dialog['head']}>{t('pass.title')}</h3>
      <ProblemNotice problem={ask.problem} />
      {answer?.outcome === 'code' ? <Shown {...answer} /> : null}
      {answer?.outcome === 'proof-needed' ? (
        <Vouch
          identificationId={identificationId}
          decision={answer.decision}
          onGiven={() => void ask.run(undefined)}
        />
      ) : (
        <Button variant="default" loading={ask.busy} onClick={() => void ask.run(undefined)}>
          {t(answer === null ? 'pass.link' : 'pass.again')}
        </Button>
      )}
    </section>
  );
}

function Shown({ code, url, expiresAt }: Extract<PassLink, { outcome: 'code' }>) {
  const { t } = useLanguage();
  const { now } = useEnv();
  const format = useFormat();
  return (
    <div className={css['shown']} role="status" data-testid="pass-code">
      <p>{t('pass.scan')}</p>
      <QrPicture text={url} label={t('pass.picture')} />
      <p className={css['code']}>{code}</p>
      <p className={css['quiet']}>{t('pass.until', { time: format.moment(expiresAt, now()) })}</p>
    </div>
  );
}

function Vouch(props: {
  readonly identificationId: IdentificationId;
  readonly decision: Decision;
  readonly onGiven: () => void;
}) {
  const { t, say } = useLanguage();
  const { link } = useTill();
  const { managerId, pin, given, fields } = useManagerSignature();
  const [reason, setReason] = useState('');
  const give = useTask(async () => {
    await link.client.screen.decisions.override({
      identificationId: props.identificationId,
      action: props.decision.action,
      reason: reason.trim(),
      managerId,
      pin,
    });
    props.onGiven();
  });
  const ready = given && reason.trim().length >= REASON_MIN_CHARS;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (ready) void give.run(undefined);
  };
  return (
    <form className={dialog['stack']} onSubmit={submit}>
      <Notice tone="warn" title={t('pass.proofNeeded')}>
        {[...props.decision.reasons, ...props.decision.stepUp]
          .map(({ text }) => say(text))
          .join(' ')}
      </Notice>
      <Textarea
        label={t('override.reason')}
        description={t('override.reasonShort')}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
        maxLength={200}
        rows={2}
        required
      />
      {fields}
      <ProblemNotice problem={give.problem} />
      <Button type="submit" loading={give.busy} disabled={!ready}>
        {t('pass.vouch')}
      </Button>
    </form>
  );
}
