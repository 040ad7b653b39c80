import type { FaceFigures } from '../../../sync/protocol/face-figures.ts';
import { useEnv } from '../../kit/env.ts';
import { Panel } from '../../kit/panel.tsx';
import { ProblemNotice } from '../../kit/problem-notice.tsx';
import { StatusMark } from '../../kit/status-mark.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import { useFormat } from '../use-format.ts';
import { useHqPoll } from '../use-hq-poll.ts';
import { type Figure, Figures } from './figures.tsx';
import css from './pages.module.css';

/** Consents and destructions come by the hour; the figures are read so often, in milliseconds. */
const FACES_POLL_MS = 30_000;
/** Tills that are named, the longest waiting first; `till hq face figures` names more. */
const TILLS_NAMED_MAX = 20;

/** What is said of a till that has yet to destroy keys. */
function wordOf({ isLate, isGone }: FaceFigures['waiting'][number]) {
  if (isGone) return 'faces.tillGone';
  return isLate ? 'faces.tillLate' : 'faces.tillWaits';
}

/** Faces that the chain keeps, against the filing limit, and tills that have yet to destroy ended ones. */
export function FacePanel() {
  const { t } = useLanguage();
  const format = useFormat();
  const { now } = useEnv();
  const { data, problem } = useHqPoll((hq) => hq.call('faceFigures', {}), FACES_POLL_MS);
  if (data === null && problem !== null) return <ProblemNotice problem={problem} />;
  if (data === null) return <p>{t('app.loading')}</p>;
  const figures: readonly Figure[] = [
    [
      t('faces.stored'),
      `${format.number(data.stored)} / ${format.number(data.limit)}`,
      data.filing === 'clear' ? 'ok' : 'warn',
    ],
    [t('faces.waiting'), format.number(data.waitingTills)],
    [t('faces.late'), format.number(data.lateTills), data.lateTills === 0 ? 'ok' : 'warn'],
    ...(data.goneTills === 0 ? [] : [[t('faces.gone'), format.number(data.goneTills)] as const]),
    [t('faces.oldest'), data.oldestMs === 0 ? '—' : format.duration(data.oldestMs)],
  ];
  return (
    <Panel title={t('faces.title')}>
      <div className={css['column']}>
        {data.filing === 'clear' ? null : (
          <StatusMark tone="warn">{t(`faces.filing.${data.filing}`)}</StatusMark>
        )}
        <Figures figures={figures} />
        {data.waiting.length === 0 ? null : (
          <ul className={css['column']} aria-label={t('faces.waiting')}>
            {data.waiting.slice(0, TILLS_NAMED_MAX).map((one) => (
              <li key={one.tillId}>
                <StatusMark tone={one.isLate ? 'warn' : 'info'}>
                  {t(wordOf(one), {
                    till: one.tillId,
                    keys: format.number(one.templates),
                    since: format.moment(one.since, now()),
                  })}
                </StatusMark>
              </li>
            ))}
          </ul>
        )}
      </div>
    </Panel>
  );
}
