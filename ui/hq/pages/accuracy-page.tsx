import { Table } from '@mantine/core';
import { useState } from 'react';
import type { AccuracyReport } from '../../../sync/protocol/accuracy.ts';
import { Notice } from '../../kit/notice.tsx';
import { Panel } from '../../kit/panel.tsx';
import { ProblemNotice } from '../../kit/problem-notice.tsx';
import { type Tone, ToneShape } from '../../kit/status-mark.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import { useFormat } from '../use-format.ts';
import { useHqPoll } from '../use-hq-poll.ts';
import { AccuracyCases } from './accuracy-cases.tsx';
import css from './pages.module.css';
import { useAccuracyWords } from './use-accuracy-words.ts';

/** The report counts whole weeks; it is read so often, in milliseconds. */
export const ACCURACY_POLL_MS = 10_000;

type Row = AccuracyReport['rows'][number];

/** How many sales tills decided as full and fresh data would have it, by store and week, and the sales that were not. */
export function AccuracyPage() {
  const { t } = useLanguage();
  const { percent } = useAccuracyWords();
  const { data, problem } = useHqPoll((hq) => hq.call('accuracy', {}), ACCURACY_POLL_MS);
  const [chosen, setChosen] = useState<string | null>(null);
  if (data === null)
    return problem === null ? <p>{t('app.loading')}</p> : <ProblemNotice problem={problem} />;
  if (data.rows.length === 0)
    return (
      <Notice tone="info" title={t('accuracy.none')}>
        {t('accuracy.noneHint')}
      </Notice>
    );
  const row = data.rows.find((one) => keyOf(one) === chosen);
  return (
    <div className={css['column']}>
      <p className={css['faint']}>{t('accuracy.about', { floor: percent(data.floor) })}</p>
      {data.tooMany ? <Notice tone="warn" title={t('accuracy.tooMany')} /> : null}
      <Figures report={data} />
      <Matrix report={data} chosen={chosen} onChoose={setChosen} />
      {row === undefined ? null : <AccuracyCases key={keyOf(row)} row={row} />}
    </div>
  );
}

function Figures({ report: { total, floor, waiting } }: { readonly report: AccuracyReport }) {
  const { t } = useLanguage();
  const { percent, cause } = useAccuracyWords();
  const format = useFormat();
  const figures: readonly (readonly [string, string])[] = [
    [t('accuracy.title'), percent(total.rate)],
    [t('accuracy.sales'), format.number(total.sales)],
    [t('accuracy.right'), format.number(total.accurate)],
    [t('accuracy.engine'), format.number(total.engineDifferent)],
    [t('accuracy.erased'), format.number(total.erased)],
    [t('accuracy.waiting'), format.number(waiting)],
  ];
  const causes = Object.entries(total.causes).sort(([, a], [, b]) => b - a);
  return (
    <div className={css['halves']}>
      <Panel title={t('accuracy.total')} aside={<ToneShape tone={toneOf(total, floor)} />}>
        <dl className={css['figures']}>
          {figures.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      </Panel>
      <Panel title={t('accuracy.causes')}>
        {causes.length === 0 ? (
          <Notice tone="ok" title={t('accuracy.noCauses')} />
        ) : (
          <dl className={css['facts']}>
            {causes.map(([name, sales]) => (
              <div key={name} className={css['counted']}>
                <dt>{cause(name)}</dt>
                <dd>{format.number(sales)}</dd>
              </div>
            ))}
          </dl>
        )}
      </Panel>
    </div>
  );
}

function Matrix(props: {
  readonly report: AccuracyReport;
  readonly chosen: string | null;
  readonly onChoose: (key: string) => void;
}) {
  const { rows, floor } = props.report;
  const { t, say } = useLanguage();
  const { percent, week: weekName } = useAccuracyWords();
  const weeks = [...new Set(rows.map(({ week }) => week))].sort().reverse();
  const stores = new Map(rows.map((row) => [row.storeId, row.storeName]));
  const cells = new Map(rows.map((row) => [keyOf(row), row]));
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: keyboards scroll only what they can reach (WCAG 2.1.1).
    <section className={css['table']} tabIndex={0} aria-label={t('accuracy.table')}>
      <Table verticalSpacing="xs">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('accuracy.store')}</Table.Th>
            {weeks.map((week) => (
              <Table.Th key={week}>{weekName(week)}</Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {[...stores].map(([storeId, name]) => (
            <Table.Tr key={storeId} data-store={storeId}>
              <Table.Td className={css['strong'] ?? ''}>
                {say(name)}
                <span className={css['below']}>{storeId}</span>
              </Table.Td>
              {weeks.map((week) => {
                const cell = cells.get(keyOf({ storeId, week }));
                if (cell === undefined) return <Table.Td key={week}>—</Table.Td>;
                return (
                  <Table.Td key={week}>
                    <button
                      type="button"
                      className={css['cell']}
                      aria-pressed={props.chosen === keyOf(cell)}
                      aria-description={`${say(name)}, ${weekName(week)}`}
                      onClick={() => props.onChoose(keyOf(cell))}
                    >
                      <ToneShape tone={toneOf(cell, floor)} />
                      <span>{percent(cell.rate)}</span>
                      <span className={css['faint']}>
                        {cell.accurate}/{cell.sales - cell.erased}
                      </span>
                    </button>
                  </Table.Td>
                );
              })}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </section>
  );
}

function keyOf({ storeId, week }: Pick<Row, 'storeId' | 'week'>): string {
  return `${week} ${storeId}`;
}

function toneOf(
  { rate, engineDifferent }: Pick<Row, 'rate' | 'engineDifferent'>,
  floor: number,
): Tone {
  if (engineDifferent > 0) return 'bad';
  if (rate === null) return 'idle';
  return rate < floor ? 'warn' : 'ok';
}
