import { Notice } from '../../kit/notice.tsx';
import { Panel } from '../../kit/panel.tsx';
import { ProblemNotice } from '../../kit/problem-notice.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import { useOverview } from '../overview-context.ts';
import { useFormat } from '../use-format.ts';
import { useHqPoll } from '../use-hq-poll.ts';
import css from './pages.module.css';

/** Headquarters at a glance: figures and what somebody should look at. */
export function OverviewPage() {
  const { t, say } = useLanguage();
  const format = useFormat();
  const overview = useOverview();
  const { data, problem } = useHqPoll((hq) => hq.call('listTills', {}));
  if (data === null && problem !== null) return <ProblemNotice problem={problem} />;
  if (overview === null || data === null) return <p>{t('app.loading')}</p>;
  const { tills } = data;
  const online = tills.filter((till) => till.online).length;
  const figures: readonly (readonly [string, string])[] = [
    [t('overview.tillsOnline'), `${format.number(online)} / ${format.number(tills.length)}`],
    [t('overview.entries'), format.number(overview.entries)],
    [t('overview.members'), format.number(overview.members)],
    [t('overview.stores'), format.number(overview.stores)],
    [t('overview.rules'), overview.ruleSetVersion === 0 ? '—' : String(overview.ruleSetVersion)],
    [t('overview.feed'), format.number(overview.head)],
    [t('overview.waiting'), format.number(overview.waiting)],
    [t('overview.engine'), overview.engine === 'pglite' ? 'PGlite' : 'PostgreSQL'],
    [t('overview.version'), overview.version],
  ];
  return (
    <div className={css['column']}>
      <Panel title={t('overview.figures')}>
        <dl className={css['figures']}>
          {figures.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      </Panel>
      <Panel title={t('overview.alarms')}>
        {overview.alarms.length === 0 ? (
          <Notice tone="ok" title={t('overview.noAlarms')} />
        ) : (
          <ul className={css['column']}>
            {overview.alarms.map((alarm) => (
              <li key={`${alarm.at} ${alarm.code} ${alarm.tillId}`}>
                <Notice tone="warn" title={say(alarm.text)}>
                  {[format.moment(alarm.at, Date.parse(overview.at)), alarm.tillId]
                    .filter((part) => part !== null)
                    .join(' · ')}
                </Notice>
              </li>
            ))}
          </ul>
        )}
      </Panel>
    </div>
  );
}
