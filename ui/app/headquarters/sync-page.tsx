import type { SyncView } from '../../../agent/contract/index.ts';
import { useEnv } from '../../kit/env.ts';
import { KeyButton } from '../../kit/key-button.tsx';
import { Notice } from '../../kit/notice.tsx';
import { ProblemNotice } from '../../kit/problem-notice.tsx';
import { StatusMark, type Tone } from '../../kit/status-mark.tsx';
import { Banners } from '../cashier/banners.tsx';
import { useTill } from '../cashier/till-context.ts';
import { useFormat } from '../cashier/use-format.ts';
import { useLinkState } from '../cashier/use-link-state.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { SidePage } from '../kit/side-page.tsx';
import { useHotKeys } from '../kit/use-hot-keys.ts';
import { useTask } from '../kit/use-task.ts';
import { useTillPoll } from '../kit/use-till-poll.ts';
import { CheckCard } from './check-card.tsx';
import { FirstCopy, isEmpty } from './first-copy.tsx';
import { needsTicket, RegisterCard } from './register-card.tsx';
import { behindOf, SyncFigures } from './sync-figures.tsx';
import css from './sync-page.module.css';

export const SYNC_TONE: Readonly<Record<SyncView['state'], Tone>> = {
  'not-configured': 'idle',
  online: 'ok',
  offline: 'warn',
  stopped: 'bad',
};

/** How often the page is read: a person who presses a cable in wants to see it within a breath. */
const SYNC_POLL_MS = 2_000;

/** Where this till stands with headquarters, for the manager and for IT. */
export function SyncPage() {
  const { t, say } = useLanguage();
  const { link, view } = useTill();
  const {
    data: sync,
    problem,
    take,
  } = useTillPoll((till) => till.screen.sync.show(), SYNC_POLL_MS);
  const now = useTask(async () => take(await link.client.screen.sync.now()));
  const tryNow = (): void => void now.run(undefined);
  const canTry = sync !== null && sync.state !== 'not-configured';
  useHotKeys({ F3: canTry ? tryNow : undefined });
  return (
    <SidePage
      title={t('sync.title')}
      below={view.status === null ? '' : `${say(view.status.storeName)} · ${view.status.tillId}`}
      tools={
        canTry ? (
          <KeyButton
            keyName="F3"
            variant={sync.state === 'online' ? 'default' : 'filled'}
            loading={now.busy}
            onClick={tryNow}
          >
            {t(sync.state === 'online' ? 'sync.again' : 'sync.now')}
          </KeyButton>
        ) : null
      }
      banners={<Banners quiet />}
      problem={problem}
    >
      {sync === null ? null : (
        <>
          <ProblemNotice problem={now.problem ?? problem} />
          <State sync={sync} />
          {needsTicket(sync) ? <RegisterCard /> : null}
          {isEmpty(sync) ? null : <Sentences sync={sync} />}
          {isEmpty(sync) || sync.state === 'not-configured' ? null : <SyncFigures sync={sync} />}
          {isEmpty(sync) || sync.checks === undefined ? null : (
            <CheckCard sync={sync} checks={sync.checks} onSync={take} />
          )}
        </>
      )}
    </SidePage>
  );
}

/** The state in one sentence, how far the first copy is, why it stands still, and what to do. */
function State({ sync }: { readonly sync: SyncView }) {
  const { t, say } = useLanguage();
  const { now } = useEnv();
  const format = useFormat();
  const { phase } = useLinkState(useTill().link);
  const { state, since, reason, troubles, nextAttemptAt, attempts } = sync;
  // What was read last may not be so any more; the banner above says since when.
  const isFresh = phase === 'open';
  const facts =
    state === 'not-configured'
      ? [t('sync.alone')]
      : [
          t('sync.since', { time: format.moment(since, now()) }),
          ...(state === 'online' && isFresh && behindOf(sync) === 0 ? [t('sync.caughtUp')] : []),
          ...(state === 'offline' && attempts > 0 ? [t('sync.attempts', { count: attempts })] : []),
          ...(state === 'offline' && nextAttemptAt !== null
            ? [t('sync.next', { time: format.moment(nextAttemptAt, now()) })]
            : []),
        ];
  return (
    <>
      <section className={css['state']} aria-live="polite" aria-label={t('sync.how')}>
        <StatusMark tone={isFresh ? SYNC_TONE[state] : 'idle'}>
          {t(`sync.state.${state}`)}
        </StatusMark>
        <p className={css['since']}>{facts.join(' · ')}</p>
      </section>
      <FirstCopy sync={sync} />
      {reason === null ? null : (
        <Notice tone={state === 'stopped' ? 'bad' : 'warn'} title={say(reason.text)}>
          {say(reason.remedy)}
        </Notice>
      )}
      {troubles.map((trouble) => (
        <Notice key={trouble.code} tone="warn" title={say(trouble.text)}>
          <p>{say(trouble.remedy)}</p>
          <p className={css['detail']}>{trouble.detail}</p>
        </Notice>
      ))}
    </>
  );
}

/** What goes on as ever and what waits, in whole sentences. */
function Sentences({ sync }: { readonly sync: SyncView }) {
  const { t } = useLanguage();
  return (
    <div className={css['two']}>
      <SentenceCard title={t('sync.works')} tone="ok" sentences={sync.works} />
      {sync.waits.length === 0 ? null : (
        <SentenceCard title={t('sync.waits')} tone="warn" sentences={sync.waits} />
      )}
    </div>
  );
}

function SentenceCard(props: {
  readonly title: string;
  readonly tone: Tone;
  readonly sentences: SyncView['works'];
}) {
  const { say } = useLanguage();
  return (
    <section className={css['card']} aria-label={props.title}>
      <h2 className={css['part']}>
        <StatusMark tone={props.tone}>{props.title}</StatusMark>
      </h2>
      <ul className={css['sentences']}>
        {props.sentences.map((sentence) => (
          <li key={sentence.en}>{say(sentence)}</li>
        ))}
      </ul>
    </section>
  );
}
