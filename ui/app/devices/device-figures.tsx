import type { DeviceView } from '../../../agent/contract/index.ts';
import { useTill } from '../cashier/till-context.ts';
import { useFormat } from '../cashier/use-format.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { useAnswer } from '../kit/use-answer.ts';
import css from './devices-page.module.css';
import { readDeviceDays } from './export-statistics.ts';

const COUNTS = [
  'scans',
  'duplicates',
  'partial',
  'dropped',
  'unknownSymbology',
  'commErrors',
  'unplugs',
  'reopens',
  'claimFailures',
] as const;
const TIMES = ['readyMs', 'troubledMs'] as const;
const MONTH_DAYS = 30;
/** States in which a device is there and cannot be used. */
const TROUBLED = ['present', 'claiming', 'denied', 'busy', 'ambiguous', 'unsupported', 'faulted'];

/**
 * What a device did since the start and, for whoever may read what is kept, over the last month.
 * @param props.kept whether to ask for the month
 */
export function DeviceFigures(props: { readonly device: DeviceView; readonly kept: boolean }) {
  const { t } = useLanguage();
  const format = useFormat();
  const { link } = useTill();
  const { deviceId, statistics } = props.device;
  const month = useAnswer(props.kept ? deviceId : null, async () =>
    (await readDeviceDays(link.client, MONTH_DAYS)).filter((day) => day.deviceId === deviceId),
  );
  const sumOf = (name: (typeof COUNTS)[number] | (typeof TIMES)[number]): number | null =>
    month.value?.reduce((sum, day) => sum + day[name], 0) ?? null;
  const timeIn = (states: readonly string[]): number =>
    states.reduce((sum, state) => sum + (statistics[`timeInStateMs.${state}`] ?? 0), 0);
  const since = { readyMs: timeIn(['ready']), troubledMs: timeIn(TROUBLED) };
  const latencies = (['p50', 'p99'] as const).flatMap((share) => {
    const ms = statistics[`latencyMs.${share}`];
    return ms === undefined ? [] : [{ share, ms }];
  });
  return (
    <table className={css['figures']}>
      <thead>
        <tr>
          <td />
          <th scope="col">{t('devicePage.stat.sinceStart')}</th>
          {props.kept ? <th scope="col">{t('devicePage.stat.month')}</th> : null}
        </tr>
      </thead>
      <tbody>
        {COUNTS.map((name) => (
          <tr key={name}>
            <th scope="row">{t(`devicePage.stat.${name}`)}</th>
            <td>{format.number(statistics[name] ?? 0)}</td>
            {props.kept ? <td>{shown(sumOf(name), format.number)}</td> : null}
          </tr>
        ))}
        {TIMES.map((name) => (
          <tr key={name}>
            <th scope="row">{t(`devicePage.stat.${name}`)}</th>
            <td>{format.duration(since[name])}</td>
            {props.kept ? <td>{shown(sumOf(name), format.duration)}</td> : null}
          </tr>
        ))}
        {latencies.map(({ share, ms }) => (
          <tr key={share}>
            <th scope="row">{t(`devicePage.stat.${share}`)}</th>
            <td>{t('devicePage.stat.ms', { value: format.number(Math.round(ms * 10) / 10) })}</td>
            {props.kept ? <td /> : null}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** A figure, or a dash while it is not known. */
function shown(value: number | null, write: (value: number) => string): string {
  return value === null ? '–' : write(value);
}
