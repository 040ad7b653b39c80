import type { ReactNode } from 'react';
import type { SyncView } from '../../../agent/contract/index.ts';
import { useEnv } from '../../kit/env.ts';
import { useFormat } from '../cashier/use-format.ts';
import { useLanguage } from '../i18n/use-language.ts';
import css from './sync-page.module.css';

/** Clocks within so many milliseconds agree as far as anybody here cares. */
const CLOCK_SAME_MS = 5_000;

/** How many changes of headquarters the till has yet to take; null while nobody knows. */
export function behindOf({ pos, headPos }: SyncView): number | null {
  return headPos === null ? null : Math.max(0, headPos - pos);
}

/** What waits, how far the till is, and by which way. */
export function SyncFigures({ sync }: { readonly sync: SyncView }) {
  const { t } = useLanguage();
  const { now } = useEnv();
  const format = useFormat();
  const moment = (instant: string | null): string =>
    instant === null ? t('sync.never') : format.moment(instant, now());
  const { number } = format;
  const { waiting, oldestWaitingAt, pos, headPos, clockOffsetMs } = sync;
  const behind = behindOf(sync);
  return (
    <section className={css['card']} aria-label={t('sync.figures')}>
      <h2 className={css['part']}>{t('sync.figures')}</h2>
      <dl className={css['figures']}>
        <Figure
          name={t('sync.waiting')}
          more={
            oldestWaitingAt === null
              ? t('sync.nothingWaits')
              : t('sync.oldest', { time: moment(oldestWaitingAt) })
          }
        >
          {t('sync.rows', { count: waiting })}
        </Figure>
        <Figure
          name={t('sync.place')}
          more={
            behind === null
              ? t('sync.unknown')
              : behind === 0
                ? t('sync.caughtUp')
                : sync.lastAppliedAt === null
                  ? t('sync.behind', { number: number(behind) })
                  : t('sync.behindSince', {
                      number: number(behind),
                      age: format.duration(now() - Date.parse(sync.lastAppliedAt)),
                    })
          }
        >
          {number(pos)}
          {headPos === null ? '' : ` · ${t('sync.head', { number: number(headPos) })}`}
        </Figure>
        {sync.ledgerSeq === 0 ? (
          <Figure name={t('sync.receipts')}>{t('sync.noEntries')}</Figure>
        ) : (
          <Figure
            name={t('sync.receipts')}
            more={t('sync.backedUp', { number: number(sync.backedUpSeq) })}
          >
            {t('sync.received', { number: number(sync.receivedSeq), all: number(sync.ledgerSeq) })}
          </Figure>
        )}
        <Figure name={t('sync.transport')}>{t(`sync.ways.${sync.transport}`)}</Figure>
        <Figure name={t('sync.heard')}>{moment(sync.lastHeardAt)}</Figure>
        <Figure name={t('sync.applied')}>{moment(sync.lastAppliedAt)}</Figure>
        <Figure name={t('sync.clock')}>
          {clockOffsetMs === null
            ? t('sync.unknown')
            : Math.abs(clockOffsetMs) <= CLOCK_SAME_MS
              ? t('sync.clockSame')
              : t(clockOffsetMs > 0 ? 'sync.clockAhead' : 'sync.clockBehind', {
                  age: format.duration(Math.abs(clockOffsetMs)),
                })}
        </Figure>
        <Figure wide name={t('sync.address')}>
          {sync.url ?? t('sync.unknown')}
        </Figure>
        <Figure wide name={t('sync.timeline')}>
          {sync.timeline ?? t('sync.unknown')}
        </Figure>
      </dl>
    </section>
  );
}

function Figure(props: {
  readonly name: string;
  readonly children: ReactNode;
  readonly more?: string;
  /** Long and of one word: has two columns where there are two. */
  readonly wide?: boolean;
}) {
  return (
    <div className={`${css['figure']} ${props.wide === true ? css['wide'] : ''}`}>
      <dt>{props.name}</dt>
      <dd>{props.children}</dd>
      {props.more === undefined ? null : <dd className={css['more']}>{props.more}</dd>}
    </div>
  );
}
