import { Progress } from '@mantine/core';
import type { SyncView } from '../../../agent/contract/index.ts';
import { useFormat } from '../cashier/use-format.ts';
import { useLanguage } from '../i18n/use-language.ts';
import css from './sync-page.module.css';

/** Whether the till has nothing yet but what this copy will bring. */
export function isEmpty({ pos, lastAppliedAt, snapshot }: SyncView): boolean {
  const copying = snapshot.state === 'loading' || snapshot.state === 'merging';
  return copying && pos === 0 && lastAppliedAt === null;
}

/** How far the copy of headquarters' data is that a till begins with; nothing when none is under way. */
export function FirstCopy({ sync }: { readonly sync: SyncView }) {
  const { t } = useLanguage();
  const format = useFormat();
  const { state, rowsDone, rowsAll } = sync.snapshot;
  if (state !== 'loading' && state !== 'merging') return null;
  const percent = rowsAll === 0 ? 0 : Math.min(100, Math.floor((100 * rowsDone) / rowsAll));
  return (
    <section className={css['card']} aria-label={t('sync.snapshot')}>
      <h2 className={css['part']}>{t('sync.snapshot')}</h2>
      <Progress value={percent} size="lg" aria-label={t('sync.snapshot')} />
      <p>
        {rowsAll === 0
          ? t('sync.snapshotBegins')
          : t('sync.snapshotOf', {
              done: format.number(rowsDone),
              all: format.number(rowsAll),
              percent,
            })}
      </p>
      {isEmpty(sync) ? <p className={css['since']}>{t('sync.snapshotHint')}</p> : null}
    </section>
  );
}
