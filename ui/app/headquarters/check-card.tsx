import { Progress } from '@mantine/core';
import type { SyncChecksView, SyncView } from '../../../agent/contract/index.ts';
import { CheckDays } from '../../kit/check-days.tsx';
import { CheckHistory, LastCheck } from '../../kit/check-history.tsx';
import { CHECK_WORDS } from '../../kit/check-words.ts';
import { useEnv } from '../../kit/env.ts';
import { KeyButton } from '../../kit/key-button.tsx';
import { Notice } from '../../kit/notice.tsx';
import { ProblemNotice } from '../../kit/problem-notice.tsx';
import { useTill } from '../cashier/till-context.ts';
import { useFormat } from '../cashier/use-format.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { useHotKeys } from '../kit/use-hot-keys.ts';
import { useTask } from '../kit/use-task.ts';
import { StayingRows } from './staying-rows.tsx';
import css from './sync-page.module.css';

/** Days that the strip shows; the till's history reaches about as far back. */
const DAYS_SHOWN = 7;

/** Everything at this till compared with headquarters: what runs, what was found, and the buttons that begin it. */
export function CheckCard(props: {
  readonly sync: SyncView;
  readonly checks: SyncChecksView;
  readonly onSync: (sync: SyncView) => void;
}) {
  const { t, say } = useLanguage();
  const { now } = useEnv();
  const { link, view } = useTill();
  const format = useFormat();
  const { sync, checks } = props;
  const { session } = view;
  const role = session?.locked === true ? undefined : session?.staff?.role;
  const isKeeper = role === 'manager' || role === 'it';
  // Not known before headquarters was reached for the first time.
  const isOff = checks.state === 'off' && sync.state === 'online';
  const isRunning = !['off', 'idle'].includes(checks.state);
  const canCheck = isKeeper && sync.state === 'online' && !isOff;
  const verify = useTask(async (deep: boolean) =>
    props.onSync(await link.client.screen.sync.verify({ deep })),
  );
  const check = (deep: boolean) => (): void => void verify.run(deep);
  useHotKeys({
    F4: canCheck ? check(false) : undefined,
    F6: canCheck ? check(true) : undefined,
  });
  const nowMs = now();
  return (
    <section className={css['card']} aria-label={t('checks.title')}>
      <div className={css['head']}>
        <h2 className={css['part']}>{t('checks.title')}</h2>
        <div className={css['actions']}>
          <KeyButton
            keyName="F4"
            variant="default"
            disabled={!canCheck}
            loading={verify.busy}
            onClick={check(false)}
          >
            {t('checks.now')}
          </KeyButton>
          <KeyButton
            keyName="F6"
            variant="default"
            disabled={!canCheck}
            loading={verify.busy}
            onClick={check(true)}
          >
            {t('checks.deep')}
          </KeyButton>
        </div>
      </div>
      <p className={css['since']}>
        {t('checks.about')}
        {isKeeper || isOff ? '' : ` ${t('checks.who')}`}
      </p>
      <ProblemNotice problem={verify.problem} />
      {isOff ? (
        <Notice tone="info" title={say(checks.text)}>
          {t('checks.offHint')}
        </Notice>
      ) : sync.state === 'online' ? null : (
        <p className={css['since']}>{t('checks.needsHeadquarters')}</p>
      )}
      {isRunning ? <Running checks={checks} /> : null}
      {checks.staying === 0 ? null : <StayingRows count={checks.staying} mayLook={role === 'it'} />}
      {checks.history.length === 0 && checks.lastWalk === null ? (
        isOff || isRunning ? null : (
          <Notice tone="info" title={t('checks.none')}>
            {t('checks.noneHint')}
          </Notice>
        )
      ) : (
        <>
          <dl className={css['lasts']}>
            <LastCheck kind="walk" check={checks.lastWalk} format={format} nowMs={nowMs} />
            <LastCheck kind="scrub" check={checks.lastScrub} format={format} nowMs={nowMs} />
            <LastCheck kind="ledger" check={checks.lastLedger} format={format} nowMs={nowMs} />
          </dl>
          <h3 className={css['part']}>{t('checks.days', { count: DAYS_SHOWN })}</h3>
          <CheckDays checks={checks.history} days={DAYS_SHOWN} format={format} nowMs={nowMs} />
          <h3 className={css['part']}>{say(CHECK_WORDS.history)}</h3>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: keyboards scroll only what they can reach (WCAG 2.1.1). */}
          <div className={css['wideTable']} tabIndex={0}>
            <CheckHistory checks={checks.history} format={format} nowMs={nowMs} />
          </div>
        </>
      )}
    </section>
  );
}

/** What runs, how far it is and how long it will take. */
function Running({ checks }: { readonly checks: SyncChecksView }) {
  const { t, say } = useLanguage();
  const format = useFormat();
  const { progress, leftMs } = checks;
  const share = progress === null || progress.all === 0 ? null : progress.done / progress.all;
  const percent = share === null ? null : Math.min(100, Math.floor(100 * share));
  const facts = [
    ...(progress === null || percent === null
      ? []
      : [
          t('checks.progress', {
            percent,
            done: format.number(progress.done),
            all: format.number(progress.all),
          }),
        ]),
    ...(leftMs === null ? [] : [t('checks.left', { time: format.duration(leftMs) })]),
    t('checks.goesOn'),
  ];
  return (
    <div className={css['running']} data-testid="check-runs">
      <p className={css['strong']}>{say(checks.text)}</p>
      {percent === null ? null : (
        <Progress value={percent} size="lg" aria-label={say(checks.text)} />
      )}
      <p className={css['since']}>{facts.join(' · ')}</p>
    </div>
  );
}
