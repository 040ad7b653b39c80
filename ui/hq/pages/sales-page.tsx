import { Table } from '@mantine/core';
import { Notice } from '../../kit/notice.tsx';
import { ProblemNotice } from '../../kit/problem-notice.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import type { Messages } from '../i18n/zh-cn.ts';
import { useFormat } from '../use-format.ts';
import { useHqPoll } from '../use-hq-poll.ts';
import css from './pages.module.css';

type Kind = keyof Messages['sales']['kinds'];

const SHOWN = 100;

/** What the chain booked last, at tills and online, newest first. */
export function SalesPage() {
  const { t } = useLanguage();
  const format = useFormat();
  const { data, problem } = useHqPoll((hq) => hq.call('listBookings', { limit: SHOWN }));
  if (data === null)
    return problem === null ? <p>{t('app.loading')}</p> : <ProblemNotice problem={problem} />;
  if (data.rows.length === 0)
    return (
      <Notice tone="info" title={t('sales.none')}>
        {t('sales.noneHint')}
      </Notice>
    );
  const newestMs = Date.parse(data.rows[0]?.receivedAt ?? '');
  return (
    <div className={css['column']}>
      <p className={css['faint']}>{t('sales.total', { count: data.total })}</p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: keyboards scroll only what they can reach (WCAG 2.1.1). */}
      <section className={css['table']} tabIndex={0} aria-label={t('sales.title')}>
        <Table verticalSpacing="sm" highlightOnHover>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t('sales.at')}</Table.Th>
              <Table.Th>{t('sales.source')}</Table.Th>
              <Table.Th>{t('sales.kind')}</Table.Th>
              <Table.Th>{t('sales.member')}</Table.Th>
              <Table.Th className={css['right'] ?? ''}>{t('sales.payable')}</Table.Th>
              <Table.Th className={css['right'] ?? ''}>{t('sales.points')}</Table.Th>
              <Table.Th>{t('sales.reference')}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {data.rows.map((row) => (
              <Table.Tr key={`${row.source} ${row.tillId} ${row.reference} ${row.seq}`}>
                <Table.Td>{format.moment(row.at, newestMs)}</Table.Td>
                <Table.Td>
                  {row.source === 'online' ? (
                    t('sales.online')
                  ) : (
                    <>
                      {row.tillId} <span className={css['faint']}>#{row.seq}</span>
                    </>
                  )}
                </Table.Td>
                <Table.Td>{t(`sales.kinds.${row.kind as Kind}`)}</Table.Td>
                <Table.Td>{row.maskedName ?? t('sales.guest')}</Table.Td>
                <Table.Td className={css['right'] ?? ''}>
                  {row.kind === 'points' ? '—' : format.money(row.payableMinor, row.currency)}
                </Table.Td>
                <Table.Td className={css['right'] ?? ''}>
                  {signed(format.number, row.pointsEarned - row.pointsSpent)}
                </Table.Td>
                <Table.Td className={css['reference'] ?? ''}>{row.reference}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </section>
    </div>
  );
}

function signed(number: (value: number) => string, value: number): string {
  return value > 0 ? `+${number(value)}` : number(value);
}
