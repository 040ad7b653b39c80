import { FileButton, Textarea } from '@mantine/core';
import { useState } from 'react';
import {
  type SyncView,
  TICKET_TEXT_MAX_CHARS,
  type TillRegistration,
} from '../../../agent/contract/index.ts';
import { KeyButton } from '../../kit/key-button.tsx';
import { Notice } from '../../kit/notice.tsx';
import { ProblemNotice } from '../../kit/problem-notice.tsx';
import { useTill } from '../cashier/till-context.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { useTask } from '../kit/use-task.ts';
import { useTillPoll } from '../kit/use-till-poll.ts';
import css from './sync-page.module.css';

/** How often the card looks whether this till has staff. */
const STAFF_POLL_MS = 10_000;

/** Whether a ticket is what helps: the till has no headquarters, or theirs wants it registered again. */
export function needsTicket({ state, reason }: SyncView): boolean {
  return (
    state === 'not-configured' || state === 'stopped' || reason?.code === 'certificate-untrusted'
  );
}

/** Takes the ticket of headquarters as a file or as text and registers this till by it. */
export function RegisterCard() {
  const { t, say } = useLanguage();
  const { link, view } = useTill();
  const staff = view.session?.staff ?? null;
  const { data } = useTillPoll((till) => till.screen.staff.list(), STAFF_POLL_MS);
  // A till without staff can be registered by whoever stands before it.
  const staffed = data !== null && data.staff.length > 0;
  const mustSignIn = staffed && (staff === null || staff.role === 'cashier');
  const [ticket, setTicket] = useState('');
  const [outcome, setOutcome] = useState<TillRegistration | null>(null);
  const choose = useTask(async (file: File) => {
    setOutcome(null);
    setTicket(await file.slice(0, TICKET_TEXT_MAX_CHARS).text());
  });
  const register = useTask(async () => {
    setOutcome(null);
    const answer = await link.client.screen.sync.register({ ticket });
    setOutcome(answer);
    if (answer.registered) setTicket('');
  });
  return (
    <section className={css['card']} aria-label={t('registration.title')}>
      <h2 className={css['part']}>{t('registration.title')}</h2>
      <form
        className={css['form']}
        onSubmit={(event) => {
          event.preventDefault();
          void register.run(undefined);
        }}
      >
        <ol className={css['steps']}>
          <li>{t('registration.steps.make')}</li>
          <li>{t('registration.steps.bring')}</li>
          <li>{t('registration.steps.press')}</li>
        </ol>
        {mustSignIn ? <p className={css['since']}>{t('registration.who')}</p> : null}
        <Textarea
          label={t('registration.ticket')}
          value={ticket}
          onChange={(event) => setTicket(event.currentTarget.value)}
          maxLength={TICKET_TEXT_MAX_CHARS}
          minRows={3}
          maxRows={5}
          autosize
          autoComplete="off"
          spellCheck={false}
          styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
        />
        <div className={css['actions']}>
          <FileButton
            accept=".json,application/json"
            onChange={(file) => {
              if (file !== null) void choose.run(file);
            }}
          >
            {(props) => (
              <KeyButton variant="default" {...props}>
                {t('registration.choose')}
              </KeyButton>
            )}
          </FileButton>
          <KeyButton type="submit" loading={register.busy} disabled={ticket.trim() === ''}>
            {t('registration.do')}
          </KeyButton>
        </div>
      </form>
      <ProblemNotice problem={register.problem ?? choose.problem} />
      {outcome === null ? null : outcome.registered ? (
        <Notice
          tone="ok"
          title={t('registration.done', { till: outcome.tillId, store: say(outcome.storeName) })}
        >
          {t('registration.doneHint')}
        </Notice>
      ) : (
        <Notice tone="bad" title={say(outcome.reason.text)}>
          {say(outcome.reason.remedy)}
        </Notice>
      )}
    </section>
  );
}
