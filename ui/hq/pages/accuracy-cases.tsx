import { Button, Table } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import type { AccuracyCase, AccuracyReport } from '../../../sync/protocol/accuracy.ts';
import { Notice } from '../../kit/notice.tsx';
import { Panel } from '../../kit/panel.tsx';
import { ProblemNotice } from '../../kit/problem-notice.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import { useFormat } from '../use-format.ts';
import css from './pages.module.css';
import { useAccuracyWords } from './use-accuracy-words.ts';
import { useCall } from './use-call.ts';

/** Cases that one look brings. */
const PAGE_CASES = 50;

/** The sales of one store in one week that were not decided as full data would have it. */
export function AccuracyCases({ row }: { readonly row: AccuracyReport['rows'][number] }) {
  const { t, say } = useLanguage();
  const { week } = useAccuracyWords();
  const { busy, problem, reply, run } = useCall('accuracyCases');
  const [cases, setCases] = useState<readonly AccuracyCase[]>([]);
  const asked = { storeId: row.storeId as never, week: row.week, limit: PAGE_CASES };
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked once for each store and week; the rest on demand.
  useEffect(() => void run(asked), []);
  const place = useRef<HTMLDivElement>(null);
  // Below a long table nobody sees what a press has opened.
  const isThere = cases.length > 0;
  useEffect(() => {
    if (isThere) place.current?.scrollIntoView({ block: 'nearest' });
  }, [isThere]);
  useEffect(() => {
    if (reply !== null) setCases((before) => [...before, ...reply.cases]);
  }, [reply]);
  const next = reply?.next ?? null;
  const title = t('accuracy.cases', { store: say(row.storeName), week: week(row.week) });
  return (
    <Panel title={title}>
      <div className={css['column']} ref={place}>
        {problem === null ? null : <ProblemNotice problem={problem} />}
        {reply === null && busy ? <p>{t('app.loading')}</p> : null}
        {reply !== null && cases.length === 0 && reply.cases.length === 0 ? (
          <Notice tone="ok" title={t('accuracy.noCases')} />
        ) : null}
        {cases.length === 0 ? null : (
          <>
            <p className={css['faint']}>{t('accuracy.casesHint')}</p>
            <CaseTable cases={cases} title={title} />
          </>
        )}
        {next === null ? null : (
          <div>
            <Button variant="default" loading={busy} onClick={() => run({ ...asked, after: next })}>
              {t('accuracy.more')}
            </Button>
          </div>
        )}
      </div>
    </Panel>
  );
}

function CaseTable({
  cases,
  title,
}: {
  readonly cases: readonly AccuracyCase[];
  readonly title: string;
}) {
  const { t } = useLanguage();
  const { cause, fact, verdict } = useAccuracyWords();
  const format = useFormat();
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: keyboards scroll only what they can reach (WCAG 2.1.1).
    <section className={css['table']} tabIndex={0} aria-label={title}>
      <Table verticalSpacing="sm">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('accuracy.at')}</Table.Th>
            <Table.Th>{t('accuracy.till')}</Table.Th>
            <Table.Th>{t('accuracy.cause')}</Table.Th>
            <Table.Th>{t('accuracy.rules')}</Table.Th>
            <Table.Th>{t('accuracy.sale')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {cases.map((one) => (
            <Table.Tr key={`${one.tillId} ${one.seq} ${one.saleId}`} data-cause={one.cause}>
              <Table.Td>{format.moment(one.at, 0)}</Table.Td>
              <Table.Td>
                {one.tillId} <span className={css['faint']}>#{one.seq}</span>
              </Table.Td>
              <Table.Td>
                {cause(one.cause)}
                <span className={css['below']}>
                  {one.cause === 'rule-set-stale'
                    ? t('accuracy.versions', {
                        till: one.ruleSetVersion,
                        full: one.ruleSetInForce ?? '—',
                      })
                    : one.fields.map(fact).join(', ')}
                </span>
              </Table.Td>
              <Table.Td>
                {one.differences.map(({ ruleId, till, full }) => (
                  <span key={ruleId} className={css['rule']}>
                    <span className={css['reference']}>{ruleId}</span> {verdict(till)} →{' '}
                    {verdict(full)}
                  </span>
                ))}
              </Table.Td>
              <Table.Td className={css['reference'] ?? ''}>{one.saleId}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </section>
  );
}
