import { useEffect, useState } from 'react';
import { StatusMark } from '../../kit/status-mark.tsx';
import { useTill } from '../cashier/till-context.ts';
import { useFormat } from '../cashier/use-format.ts';
import { useLinkState } from '../cashier/use-link-state.ts';
import { Waiting } from '../cashier/waiting.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import { LanguageSwitch, ThemeSwitch } from '../kit/display.tsx';
import { useEnv } from '../kit/env.ts';
import { KeyButton } from '../kit/key-button.tsx';
import { ProblemNotice } from '../kit/problem-notice.tsx';
import { useHotKeys } from '../kit/use-hot-keys.ts';
import { openScreen } from '../router.ts';
import { LaneCard } from './lane-card.tsx';
import { ManagerMore } from './manager-more.tsx';
import css from './manager-page.module.css';
import { useLaneBoard } from './use-lane-board.ts';

/** How often ages on the board are written anew. */
const AGE_TICK_MS = 10_000;

/** The priority lane of today, to be read from three metres. */
export function ManagerPage() {
  const { t, say, toggle } = useLanguage();
  const { link, view } = useTill();
  const format = useFormat();
  const nowMs = useTick();
  const { board, problem } = useLaneBoard();
  const { phase } = useLinkState(link);
  const [more, setMore] = useState(false);
  useHotKeys({ F10: toggle, F2: () => openScreen('cashier') });
  useHotKeys({ Escape: () => openScreen('cashier') }, !more);
  const waiting = board?.members.filter(({ servedAt }) => servedAt === undefined) ?? [];
  const served = board?.members.filter(({ servedAt }) => servedAt !== undefined) ?? [];
  const stale = board !== null && (phase !== 'open' || problem !== null);
  return (
    <div className={css['page']}>
      <header className={css['head']}>
        <div>
          <h1 className={css['title']}>{t('lane.title')}</h1>
          <p className={css['store']}>
            {view.status === null ? '' : say(view.status.storeName)} · {t('lane.today')}
          </p>
        </div>
        <div className={css['space']} />
        {board === null ? null : (
          <StatusMark tone={stale ? 'bad' : 'ok'}>
            {stale
              ? t('lane.stale', { age: format.duration(nowMs - Date.parse(board.asOf)) })
              : t('lane.asOf', { time: format.time(board.asOf) })}
          </StatusMark>
        )}
        <LanguageSwitch keyName="F10" />
        <ThemeSwitch />
        <KeyButton variant="default" keyName="F2" onClick={() => openScreen('cashier')}>
          {t('app.cashier')}
        </KeyButton>
      </header>
      {board === null ? (
        problem === null ? (
          <Waiting />
        ) : (
          <div className={css['problem']}>
            <ProblemNotice problem={problem} />
          </div>
        )
      ) : (
        <main className={css['board']}>
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
        </main>
      )}
    </div>
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
