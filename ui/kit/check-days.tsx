import { driftOf } from '../../agent/contract/check-found.ts';
import css from './check-history.module.css';
import { CHECK_OUTCOMES, CHECK_WORDS, type ShownCheck } from './check-words.ts';
import type { Format } from './format.ts';
import { useLanguageChoice } from './language.ts';
import { ToneShape } from './status-mark.tsx';

const DAY_MS = 24 * 60 * 60_000;
/** The worst first: what a day is shown as. */
const WORST = ['stays', 'reloaded', 'repaired', 'clean', 'failed'] as const;

/** Was everything checked on each of the last days, and how many rows differed; the latest day stands last. */
export function CheckDays(props: {
  readonly checks: readonly ShownCheck[];
  readonly days: number;
  readonly format: Format;
  readonly nowMs: number;
}) {
  const { say } = useLanguageChoice();
  const { checks, days, format, nowMs } = props;
  const byDay = new Map<string, ShownCheck[]>();
  for (const check of checks) {
    const day = format.dayOf(Date.parse(check.endedAt));
    byDay.set(day, [...(byDay.get(day) ?? []), check]);
  }
  const shown = Array.from({ length: days }, (_, index) =>
    format.dayOf(nowMs - (days - 1 - index) * DAY_MS),
  );
  return (
    <ol className={css['days']} aria-label={say(CHECK_WORDS.days)}>
      {shown.map((day) => {
        const ended = byDay.get(day) ?? [];
        const worst = WORST.find((one) => ended.some(({ outcome }) => outcome === one));
        const outcome = worst === undefined ? null : CHECK_OUTCOMES[worst];
        // A deep check's suspects are counted by the comparison that follows it.
        const drift = ended
          .filter(({ kind }) => kind === 'walk')
          .reduce((sum, check) => sum + driftOf(check), 0);
        const words = `${format.day(day)}: ${say(outcome?.name ?? CHECK_WORDS.unchecked)}`;
        return (
          <li key={day} className={css['day']} title={words} data-day={day}>
            <span className="visually-hidden">{words}</span>
            <ToneShape tone={outcome?.tone ?? 'idle'} size={20} />
            <span aria-hidden="true" className={css['date']}>
              {Number(day.slice(8))}
            </span>
            <span className={css['count']}>{drift === 0 ? '' : format.number(drift)}</span>
          </li>
        );
      })}
    </ol>
  );
}
