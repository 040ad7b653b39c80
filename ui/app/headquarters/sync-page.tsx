import type { SyncView } from '../../../agent/contract/index.ts';
import { Notice } from '../../kit/notice.tsx';
import { StatusMark, type Tone } from '../../kit/status-mark.tsx';
import { Banners } from '../cashier/banners.tsx';
import { useTill } from '../cashier/till-context.ts';
import { useFormat } from '../cashier/use-format.ts';
import { Waiting } from '../cashier/waiting.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import { LanguageSwitch, ThemeSwitch } from '../kit/display.tsx';
import { useEnv } from '../kit/env.ts';
import { KeyButton } from '../kit/key-button.tsx';
import { ProblemNotice } from '../kit/problem-notice.tsx';
import { useHotKeys } from '../kit/use-hot-keys.ts';
import { useTask } from '../kit/use-task.ts';
import { openScreen } from '../router.ts';
import { needsTicket, RegisterCard } from './register-card.tsx';
import { SyncFigures } from './sync-figures.tsx';
import css from './sync-page.module.css';
import { useSyncView } from './use-sync-view.ts';

export const SYNC_TONE: Readonly<Record<SyncView['state'], Tone>> = {
  'not-configured': 'idle',
  online: 'ok',
  offline: 'warn',
  stopped: 'bad',
};

/** Where this till stands with headquarters, for the manager and for IT. */
export function SyncPage() {
  const { t, say, toggle } = useLanguage();
  const { link, view } = useTill();
  const { sync, problem, take } = useSyncView();
  const now = useTask(async () => take(await link.client.screen.sync.now()));
  const tryNow = (): void => void now.run(undefined);
  const canTry = sync !== null && sync.state !== 'not-configured';
  useHotKeys({
    F10: toggle,
    F2: () => openScreen('cashier'),
    Escape: () => openScreen('cashier'),
    F3: canTry ? tryNow : undefined,
  });
  return (
    <div className={css['page']}>
      <header className={css['head']}>
        <div>
          <h1 className={css['title']}>{t('sync.title')}</h1>
          <p className={css['store']}>
            {view.status === null ? '' : `${say(view.status.storeName)} · ${view.status.tillId}`}
          </p>
        </div>
        <div className={css['space']} />
        {canTry ? (
          <KeyButton keyName="F3" loading={now.busy} onClick={tryNow}>
            {t('sync.now')}
          </KeyButton>
        ) : null}
        <LanguageSwitch keyName="F10" />
        <ThemeSwitch />
        <KeyButton variant="default" keyName="F2" onClick={() => openScreen('cashier')}>
          {t('app.cashier')}
        </KeyButton>
      </header>
      <Banners quiet />
      {sync === null ? (
        problem === null ? (
          <Waiting />
        ) : (
          <div className={css['problem']}>
            <ProblemNotice problem={problem} />
          </div>
        )
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: keyboards scroll only what they can reach (WCAG 2.1.1).
        <main className={css['body']} tabIndex={0}>
          <ProblemNotice problem={now.problem ?? problem} />
          <State sync={sync} />
          {needsTicket(sync) ? <RegisterCard /> : null}
          {sync.state === 'not-configured' ? null : <SyncFigures sync={sync} />}
        </main>
      )}
    </div>
  );
}

/** The state in one sentence, why, what to do, and what that means for the shop. */
function State({ sync }: { readonly sync: SyncView }) {
  const { t, say } = useLanguage();
  const { now } = useEnv();
  const format = useFormat();
  const { state, since, reason, works, waits, troubles, nextAttemptAt, attempts } = sync;
  return (
    <>
      <section className={css['state']} aria-label={t(`sync.state.${state}`)}>
        <StatusMark tone={SYNC_TONE[state]}>{t(`sync.state.${state}`)}</StatusMark>
        <p className={css['since']}>
          {state === 'not-configured'
            ? t('sync.alone')
            : t('sync.since', { time: format.moment(since, now()) })}
          {nextAttemptAt === null || state === 'online'
            ? ''
            : ` · ${t('sync.attempts', { count: attempts })} · ${t('sync.next', { time: format.moment(nextAttemptAt, now()) })}`}
        </p>
      </section>
      {state === 'not-configured' ? (
        <Notice tone="info" title={t('sync.alone')}>
          {t('sync.aloneHint')}
        </Notice>
      ) : null}
      {reason === null ? null : (
        <Notice tone={state === 'stopped' ? 'bad' : 'warn'} title={say(reason.text)}>
          {say(reason.remedy)}
        </Notice>
      )}
      {troubles.map((trouble) => (
        <Notice key={trouble.code} tone="warn" title={say(trouble.text)}>
          {say(trouble.remedy)} ({trouble.detail})
        </Notice>
      ))}
      <div className={css['two']}>
        <Sentences title={t('sync.works')} tone="ok" sentences={works.map(say)} />
        {waits.length === 0 ? null : (
          <Sentences title={t('sync.waits')} tone="warn" sentences={waits.map(say)} />
        )}
      </div>
    </>
  );
}

function Sentences(props: {
  readonly title: string;
  readonly tone: Tone;
  readonly sentences: readonly string[];
}) {
  return (
    <section className={css['card']} aria-label={props.title}>
      <h2 className={css['part']}>
        <StatusMark tone={props.tone}>{props.title}</StatusMark>
      </h2>
      <ul className={css['list']}>
        {props.sentences.map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
    </section>
  );
}
