import { Button } from '@mantine/core';
import { useState } from 'react';
import type { TillDetail } from '../../../sync/protocol/fleet.ts';
import type { HqReply } from '../../../sync/protocol/hq-api.ts';
import { CheckDays } from '../../kit/check-days.tsx';
import { CheckHistory, LastCheck } from '../../kit/check-history.tsx';
import { CHECK_WORDS, type ShownCheck } from '../../kit/check-words.ts';
import { Notice } from '../../kit/notice.tsx';
import { Panel } from '../../kit/panel.tsx';
import { ProblemNotice } from '../../kit/problem-notice.tsx';
import { StatusMark } from '../../kit/status-mark.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import { useFormat } from '../use-format.ts';
import { useHqPoll } from '../use-hq-poll.ts';
import { AlarmList } from './alarm-list.tsx';
import { Figures } from './figures.tsx';
import css from './pages.module.css';
import { RevokeDialog } from './revoke-dialog.tsx';
import { CLOCK_OFF_MS, isTooOldForChecks, stateOf, TONE_OF_STATE } from './till-state.ts';

/** One till is read so often, in milliseconds. */
const TILL_POLL_MS = 2_000;
/** Checks of one till that its page shows, the newest. */
const CHECKS_SHOWN = 100;
const DAYS_SHOWN = 30;
const KINDS = ['walk', 'scrub', 'ledger'] as const;

/** One till: where it stands, every check that it told of, its alarms. */
export function TillPage({ tillId }: { readonly tillId: string }) {
  const { t, say } = useLanguage();
  const id = tillId as TillDetail['till']['tillId'];
  const { data, problem, again } = useHqPoll(
    (hq) =>
      Promise.all([
        hq.call('showTill', { tillId: id }),
        hq.call('tillChecks', { tillId: id, limit: CHECKS_SHOWN }),
      ]),
    TILL_POLL_MS,
  );
  const [revoking, setRevoking] = useState(false);
  const back = (
    <a className={css['link']} href="#/tills">
      ← {t('tills.title')}
    </a>
  );
  if (data === null)
    return (
      <div className={css['column']}>
        {back}
        {problem === null ? <p>{t('app.loading')}</p> : <ProblemNotice problem={problem} />}
      </div>
    );
  const [detail, { checks }] = data;
  const { till } = detail;
  const state = stateOf(till);
  return (
    <div className={css['column']}>
      <div className={css['tools']}>
        {back}
        <h2 className={css['name']}>{till.tillId}</h2>
        <p className={css['faint']}>{say(till.storeName)}</p>
        <StatusMark tone={TONE_OF_STATE[state]}>{t(`tills.${state}`)}</StatusMark>
        <div className={css['grow']} />
        {state === 'revoked' ? null : (
          <Button variant="default" onClick={() => setRevoking(true)}>
            {t('tills.revoke')}
          </Button>
        )}
      </div>
      <Standing detail={detail} />
      <Checks detail={detail} checks={checks} />
      <Panel title={t('overview.alarms')}>
        <AlarmList alarms={detail.alarms} at={detail.at} />
      </Panel>
      {revoking ? (
        <RevokeDialog
          till={till}
          onClose={() => {
            setRevoking(false);
            again();
          }}
        />
      ) : null}
    </div>
  );
}

function Standing({ detail: { till, at } }: { readonly detail: TillDetail }) {
  const { t } = useLanguage();
  const format = useFormat();
  const moment = (instant: string | null): string =>
    instant === null ? t('tills.never') : format.moment(instant, Date.parse(at));
  const off = Math.abs(till.clockOffsetMs ?? 0);
  return (
    <Panel title={t('till.standing')}>
      <Figures
        figures={[
          [t('tills.seen'), moment(till.lastSeenAt)],
          [t('tills.columns.behind'), till.behind === null ? '—' : format.number(till.behind)],
          [t('tills.columns.up'), till.waiting === null ? '—' : format.number(till.waiting)],
          ...(till.oldestWaitingAt === null
            ? []
            : [[t('till.oldest'), moment(till.oldestWaitingAt)] as const]),
          [t('till.received'), format.number(till.receivedSeq)],
          [t('till.backedUp'), format.number(till.backedUpSeq)],
          [
            t('tills.clock'),
            till.clockOffsetMs === null
              ? '—'
              : off < CLOCK_OFF_MS
                ? `< ${format.duration(CLOCK_OFF_MS)}`
                : format.duration(off),
            ...(off < CLOCK_OFF_MS ? ([] as const) : (['warn'] as const)),
          ],
          [t('overview.version'), till.version ?? '—'],
          [t('till.registered'), moment(till.registeredAt)],
        ]}
      />
    </Panel>
  );
}

function Checks(props: {
  readonly detail: TillDetail;
  readonly checks: HqReply<'tillChecks'>['checks'];
}) {
  const { t, say } = useLanguage();
  const format = useFormat();
  const { checks, detail } = props;
  const nowMs = Date.parse(detail.at);
  if (checks.length === 0)
    return (
      <Panel title={t('till.checks')}>
        <Notice
          tone="info"
          title={t(isTooOldForChecks(detail.till) ? 'till.tooOld' : 'till.noChecks')}
        >
          {t(isTooOldForChecks(detail.till) ? 'till.tooOldHint' : 'till.noChecksHint')}
        </Notice>
      </Panel>
    );
  const last = (kind: ShownCheck['kind']): ShownCheck | null =>
    checks.find((check) => check.kind === kind && check.outcome !== 'failed') ?? null;
  return (
    <Panel title={t('till.checks')}>
      <div className={css['column']}>
        <dl className={css['thirds']}>
          {KINDS.map((kind) => (
            <LastCheck key={kind} kind={kind} check={last(kind)} format={format} nowMs={nowMs} />
          ))}
        </dl>
        <h3 className={css['small']}>{t('till.days', { count: DAYS_SHOWN })}</h3>
        <CheckDays checks={checks} days={DAYS_SHOWN} format={format} nowMs={nowMs} />
        <h3 className={css['small']}>{say(CHECK_WORDS.history)}</h3>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: keyboards scroll only what they can reach (WCAG 2.1.1). */}
        <section className={css['wide']} tabIndex={0} aria-label={say(CHECK_WORDS.history)}>
          <CheckHistory checks={checks} format={format} nowMs={nowMs} />
        </section>
      </div>
    </Panel>
  );
}
