import { useEffect, useState } from 'react';
import { useEnv } from '../../kit/env.ts';
import { StatusMark } from '../../kit/status-mark.tsx';
import { useTill } from '../cashier/till-context.ts';
import { useFormat } from '../cashier/use-format.ts';
import { useLinkState } from '../cashier/use-link-state.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { SidePage } from '../kit/side-page.tsx';
import { useTillPoll } from '../kit/use-till-poll.ts';
import { LaneCard } from './lane-card.tsx';
import { ManagerMore } from './manager-more.tsx';
import css from './manager-page.module.css';

/** How often the board is read; a manager looks from three metres, not by the second. */
export const BOARD_POLL_MS = 3_000;
/** How often ages on the board are written anew. */
const AGE_TICK_MS = 10_000;

/** The priority lane of today, to be read from three metres. */
export function ManagerPage() {
  const { t, say } = useLanguage();
  const { link, view } = useTill();
  const format = useFormat();
  const nowMs = useTick();
  const { data: board, problem } = useTillPoll((till) => till.screen.lane.board(), BOARD_POLL_MS);
  const { phase } = useLinkState(link);
  const [more, setMore] = useState(false);
  const waiting = board?.members.filter(({ servedAt }) => servedAt === undefined) ?? [];
  const served = board?.members.filter(({ servedAt }) => servedAt !== undefined) ?? [];
  const stale = board !== null && (phase !== 'open' || problem !== null);
  return (
    <SidePage
      title={t('lane.title')}
      below={[view.status === null ? null : say(view.status.storeName), t('lane.today')]
        .filter((part) => part !== null)
        .join(' · ')}
      tools={
        board === null ? null : (
          <StatusMark tone={stale ? 'bad' : 'ok'}>
            {stale
              ? t('lane.stale', { age: format.duration(nowMs - Date.parse(board.asOf)) })
              : t('lane.asOf', { time: format.time(board.asOf) })}
          </StatusMark>
        )
      }
      problem={problem}
      keepsEscape={more}
    >
      {board === null ? null : (
        <>
          <dl className={css['counts']}>
            <div className={css['first']}>
              <dt>{t('lane.waiting')}</dt>
              <dd>{format.number(waiting.length)}</dd>
            </div>
            <div>
              <dt>{t('lane.served')}</dt>
              <dd>{format.number(served.length)}</dd>
            </div>
            <div>
              <dt>{t('lane.identified')}</dt>
              <dd>{format.number(board.identifiedToday)}</dd>
            </div>
          </dl>
          {waiting.length === 0 ? (
            <div className={css['empty']}>
              <p>{t('lane.none')}</p>
              <p>{t('lane.noneHint')}</p>
            </div>
          ) : (
            <ul className={css['cards']} aria-label={t('lane.waiting')}>
              {waiting.map((member) => (
                <LaneCard key={member.memberId} member={member} nowMs={nowMs} />
              ))}
            </ul>
          )}
          {served.length === 0 ? null : (
            <section aria-label={t('lane.served')}>
              <h2 className={css['part']}>{t('lane.served')}</h2>
              <ul className={css['cards']}>
                {served.map((member) => (
                  <LaneCard key={member.memberId} member={member} nowMs={nowMs} />
                ))}
              </ul>
            </section>
          )}
          <ManagerMore opened={more} onToggle={() => setMore(!more)} />
        </>
      )}
    </SidePage>
  );
}

/** The time, looked at often enough for ages in minutes. */
function useTick(): number {
  const { now } = useEnv();
  const [atMs, setAtMs] = useState(now);
  useEffect(() => {
    const timer = setInterval(() => setAtMs(now()), AGE_TICK_MS);
    return () => clearInterval(timer);
  }, [now]);
  return atMs;
}
