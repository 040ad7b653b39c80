import { Button } from '@mantine/core';
import { useState } from 'react';
import type { Status } from '../../../agent/contract/index.ts';
import { useEnv } from '../../kit/env.ts';
import { ToneShape } from '../../kit/status-mark.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import { openScreen } from '../router.ts';
import css from './banners.module.css';
import { ClockDialog } from './clock-dialog.tsx';
import { useTill } from './till-context.ts';
import { useFormat } from './use-format.ts';
import { useLinkState } from './use-link-state.ts';

/** Quiet lines of fact above the work: no connection to the agent, headquarters away, a clock that may be wrong. */
export function Banners(props: {
  /** The page itself says how headquarters is. */
  readonly quiet?: boolean;
}) {
  const { t, say } = useLanguage();
  const { link, view } = useTill();
  const { now } = useEnv();
  const format = useFormat();
  const { phase, since } = useLinkState(link);
  const [asking, setAsking] = useState(false);
  const { status } = view;
  if (phase !== 'open' && status !== null) {
    return (
      <div className={`${css['banner']} ${css['bad']}`} role="alert">
        <ToneShape tone="bad" />
        <p>
          <strong>{t('connection.title')}</strong>
          <span>
            {t('connection.body', { since: format.moment(new Date(since).toISOString(), now()) })}
          </span>
        </p>
      </div>
    );
  }
  if (status === null) return null;
  const { headquarters } = status;
  const clockWrong = !status.clockTrusted || status.clockAheadMs !== undefined;
  const atWork = view.session?.staff != null && !view.session.locked;
  return (
    <>
      {headquarters.state === 'offline' && props.quiet !== true ? (
        <HeadquartersAway headquarters={headquarters} />
      ) : null}
      {headquarters.warning === undefined || props.quiet === true ? null : (
        <div className={css['banner']} role="status">
          <ToneShape tone="warn" />
          <p>
            <strong>{say(headquarters.warning)}</strong>
          </p>
          <Button variant="default" className={css['act'] ?? ''} onClick={() => openScreen('sync')}>
            {t('sync.open')}
          </Button>
        </div>
      )}
      {status.repair === undefined ? null : (
        <div className={css['banner']} role="status">
          <ToneShape tone="warn" />
          <p>
            <strong>{say(status.repair.text)}</strong>
            <span>{format.moment(status.repair.at, now())}</span>
          </p>
        </div>
      )}
      {clockWrong ? (
        <div className={css['banner']} role="status">
          <ToneShape tone="warn" />
          <p>
            <strong>
              {t(status.clockTrusted ? 'headquarters.clockAhead' : 'headquarters.clock')}
            </strong>
          </p>
          {atWork ? (
            <Button variant="default" className={css['act'] ?? ''} onClick={() => setAsking(true)}>
              {t('clock.open')}
            </Button>
          ) : null}
        </div>
      ) : null}
      <ClockDialog opened={asking} onClose={() => setAsking(false)} />
    </>
  );
}

/** Since when, why, what still works and what waits: facts, no alarm. */
function HeadquartersAway({ headquarters }: Pick<Status, 'headquarters'>) {
  const { t, say } = useLanguage();
  const { now } = useEnv();
  const format = useFormat();
  const { since, reason, text, waitingEntries, oldestWaitingAt } = headquarters;
  return (
    <div className={css['banner']} role="status">
      <ToneShape tone="warn" />
      <p>
        <strong>{t('headquarters.banner', { since: format.moment(since, now()) })}</strong>
        {reason === undefined ? null : <span>{say(reason.text)}</span>}
        <span>{say(text)}</span>
        <span>
          {t('headquarters.waiting', { count: waitingEntries })}
          {oldestWaitingAt === undefined
            ? ''
            : ` (${t('headquarters.oldest', { time: format.moment(oldestWaitingAt, now()) })})`}
        </span>
      </p>
      <Button variant="default" className={css['act'] ?? ''} onClick={() => openScreen('sync')}>
        {t('sync.open')}
      </Button>
    </div>
  );
}
