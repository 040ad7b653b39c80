import { Panel } from '../../kit/panel.tsx';
import { ProblemNotice } from '../../kit/problem-notice.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import { useOverview } from '../overview-context.ts';
import { useFormat } from '../use-format.ts';
import { useHqPoll } from '../use-hq-poll.ts';
import { AlarmList } from './alarm-list.tsx';
import { FacePanel } from './face-panel.tsx';
import { type Figure, Figures } from './figures.tsx';
import css from './pages.module.css';

/** The list of tills is read for its counts alone, so often, in milliseconds. */
const TILLS_POLL_MS = 5_000;

/** Headquarters at a glance: figures and what somebody should look at. */
export function OverviewPage() {
  const { t } = useLanguage();
  const format = useFormat();
  const overview = useOverview();
  const { data, problem } = useHqPoll((hq) => hq.call('listTills', {}), TILLS_POLL_MS);
  if (data === null && problem !== null) return <ProblemNotice problem={problem} />;
  if (overview === null || data === null) return <p>{t('app.loading')}</p>;
  const { tills } = data;
  const online = tills.filter((till) => till.online).length;
  const figures: readonly Figure[] = [
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
  const { checks, recentAlarms } = overview;
  const all = checks.checkedTills === checks.tills;
  const whole = checks.repairedRows >= checks.driftRows;
  const checked: readonly Figure[] = [
    [
      t('overview.checked'),
      `${format.number(checks.checkedTills)} / ${format.number(checks.tills)}`,
      checks.tills === 0 ? 'idle' : all ? 'ok' : 'warn',
    ],
    [t('overview.drift'), format.number(checks.driftRows)],
    [t('overview.repaired'), format.number(checks.repairedRows), whole ? 'ok' : 'warn'],
    [t('overview.recentAlarms'), format.number(recentAlarms), recentAlarms === 0 ? 'ok' : 'warn'],
  ];
  return (
    <div className={css['column']}>
      <Panel title={t('overview.figures')}>
        <Figures figures={figures} />
      </Panel>
      <Panel title={t('overview.checks')}>
        <div className={css['column']}>
          <p className={css['faint']}>{t('overview.checksAbout')}</p>
          <Figures figures={checked} />
        </div>
      </Panel>
      <FacePanel />
      <Panel title={t('overview.alarms')}>
        <AlarmList alarms={overview.alarms} at={overview.at} />
      </Panel>
    </div>
  );
}
