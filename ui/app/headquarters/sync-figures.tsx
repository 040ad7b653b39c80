import { Progress } from '@mantine/core';
import type { ReactNode } from 'react';
import type { SyncView } from '../../../agent/contract/index.ts';
import { useFormat } from '../cashier/use-format.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { useEnv } from '../kit/env.ts';
import css from './sync-page.module.css';

/** Clocks within so many milliseconds agree as far as anybody here cares. */
const CLOCK_SAME_MS = 5_000;

/** What waits, how far the till is, and by which way. */
export function SyncFigures({ sync }: { readonly sync: SyncView }) {
  const { t } = useLanguage();
  const { now } = useEnv();
  const format = useFormat();
  const moment = (instant: string | null): string =>
    instant === null ? t('sync.never') : format.moment(instant, now());
  const { number } = format;
  const { waiting, oldestWaitingAt, pos, headPos, snapshot, clockOffsetMs } = sync;
  const behind = headPos === null ? null : Math.max(0, headPos - pos);
  const loading = snapshot.state === 'loading' || snapshot.state === 'merging';
  return (
    <section className={css['card']} aria-label={t('sync.figures')}>
      <h2 className={css['part']}>{t('sync.figures')}</h2>
      {loading ? <Snapshot snapshot={snapshot} /> : null}
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
                : t('sync.behind', { number: number(behind) })
          }
        >
          {number(pos)}
          {headPos === null ? '' : ` · ${t('sync.head', { number: number(headPos) })}`}
        </Figure>
        <Figure
          name={t('sync.receipts')}
          more={t('sync.backedUp', { number: number(sync.backedUpSeq) })}
        >
          {t('sync.received', { number: number(sync.receivedSeq), all: number(sync.ledgerSeq) })}
        </Figure>
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
        <Figure name={t('sync.address')}>{sync.url ?? t('sync.unknown')}</Figure>
        <Figure name={t('sync.timeline')}>{sync.timeline ?? t('sync.unknown')}</Figure>
      </dl>
    </section>
  );
}

function Figure(props: {
  readonly name: string;
  readonly children: ReactNode;
  readonly more?: string;
}) {
  return (
    <div className={css['figure']}>
      <dt>{props.name}</dt>
      <dd>{props.children}</dd>
      {props.more === undefined ? null : <dd className={css['more']}>{props.more}</dd>}
    </div>
  );
}

function Snapshot({ snapshot }: { readonly snapshot: SyncView['snapshot'] }) {
  const { t } = useLanguage();
  const format = useFormat();
  const { rowsDone, rowsAll } = snapshot;
  const share = rowsAll === 0 ? 0 : Math.min(100, (100 * rowsDone) / rowsAll);
  return (
    <div className={css['snapshot']}>
      <p>
        {t('sync.snapshot')}{' '}
        {t('sync.snapshotOf', { done: format.number(rowsDone), all: format.number(rowsAll) })}
      </p>
      <Progress value={share} size="lg" aria-label={t('sync.snapshot')} />
    </div>
  );
}
