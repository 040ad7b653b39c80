import type { FaceOverview } from '../../../agent/contract/index.ts';
import { useEnv } from '../../kit/env.ts';
import { Notice } from '../../kit/notice.tsx';
import list from '../cashier/drawer-list.module.css';
import { useFormat } from '../cashier/use-format.ts';
import { useLanguage } from '../i18n/use-language.ts';
import css from './face-keeping.module.css';
import more from './manager-more.module.css';

/** Ends of templates that headquarters has not heard of, and those that a failing disk has left half done. */
export function FaceEnds({ ends }: { readonly ends: FaceOverview['ends'] }) {
  const { t } = useLanguage();
  const { now } = useEnv();
  const format = useFormat();
  const { waiting, waitingInAll, unfinished } = ends;
  const beyond = waitingInAll - waiting.length;
  return (
    <section className={css['acts']} aria-label={t('faceKeep.ends')}>
      <h3 className={more['title']}>{t('faceKeep.ends')}</h3>
      {unfinished === 0 ? null : (
        <Notice tone="bad" title={t('faceKeep.unfinished', { count: unfinished })} />
      )}
      {waitingInAll === 0 ? (
        <p className={list['facts']}>{t('faceKeep.endsNone')}</p>
      ) : (
        <Notice tone="warn" title={t('faceKeep.endsWaiting', { count: waitingInAll })} />
      )}
      <ul className={list['list']}>
        {waiting.map((end) => (
          <li key={end.withdrawalId} className={list['row']}>
            <div className={list['words']}>
              <p className={list['name']}>
                {t(`faceKeep.reason.${end.reason}`)} · {t(`faceKeep.channel.${end.channel}`)}
              </p>
              <p className={list['facts']}>
                {t('faceKeep.endLine', {
                  time: format.moment(end.at, now()),
                  count: end.destroyed,
                })}{' '}
                · {t('faceKeep.receipt', { id: end.withdrawalId })}
              </p>
            </div>
          </li>
        ))}
      </ul>
      {beyond === 0 ? null : (
        <p className={list['facts']}>{t('faceKeep.endsMore', { count: beyond })}</p>
      )}
    </section>
  );
}
