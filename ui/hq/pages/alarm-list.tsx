import type { AlarmRow } from '../../../sync/protocol/fleet.ts';
import { Notice } from '../../kit/notice.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import { useFormat } from '../use-format.ts';
import css from './pages.module.css';

/** Alarms in the order given, or that there are none. @param props.at headquarters' time */
export function AlarmList(props: { readonly alarms: readonly AlarmRow[]; readonly at: string }) {
  const { t, say } = useLanguage();
  const format = useFormat();
  if (props.alarms.length === 0) return <Notice tone="ok" title={t('overview.noAlarms')} />;
  return (
    <ul className={css['column']}>
      {props.alarms.map((alarm) => (
        <li key={`${alarm.at} ${alarm.code} ${alarm.tillId} ${alarm.text.en}`}>
          <Notice tone="warn" title={say(alarm.text)}>
            {[format.moment(alarm.at, Date.parse(props.at)), alarm.tillId]
              .filter((part) => part !== null)
              .join(' · ')}
          </Notice>
        </li>
      ))}
    </ul>
  );
}
