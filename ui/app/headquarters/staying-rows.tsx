import { Table } from '@mantine/core';
import { useEnv } from '../../kit/env.ts';
import { Notice } from '../../kit/notice.tsx';
import { ProblemNotice } from '../../kit/problem-notice.tsx';
import { useFormat } from '../cashier/use-format.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { useTillPoll } from '../kit/use-till-poll.ts';
import css from './sync-page.module.css';

/** Such rows change with a check, which takes a while; they are read so often, in milliseconds. */
const STAYING_POLL_MS = 10_000;

/** Rows that differ again although they were put right: how many for everybody, which fields for IT. */
export function StayingRows(props: { readonly count: number; readonly mayLook: boolean }) {
  const { t } = useLanguage();
  return (
    <>
      <Notice tone="bad" title={t('checks.staying', { count: props.count })}>
        {t(props.mayLook ? 'checks.stayingHint' : 'checks.stayingWho')}
      </Notice>
      {props.mayLook ? <Images /> : null}
    </>
  );
}

function Images() {
  const { t } = useLanguage();
  const { now } = useEnv();
  const format = useFormat();
  const { data, problem } = useTillPoll((till) => till.screen.sync.staying(), STAYING_POLL_MS);
  if (data === null) return <ProblemNotice problem={problem} />;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: keyboards scroll only what they can reach (WCAG 2.1.1).
    <section className={css['wideTable']} tabIndex={0} aria-label={t('checks.images')}>
      <Table verticalSpacing="xs">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('checks.row')}</Table.Th>
            <Table.Th>{t('checks.field')}</Table.Th>
            <Table.Th>{t('checks.here')}</Table.Th>
            <Table.Th>{t('checks.there')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {data.rows.flatMap(({ table, key, at, verHere, verThere, fields }) =>
            [{ name: null, here: verHere, there: verThere }, ...fields].map((field, index) => (
              <Table.Tr key={`${table} ${key} ${field.name ?? ''}`}>
                {index > 0 ? null : (
                  <Table.Td rowSpan={fields.length + 1}>
                    <code className={css['detail']}>{`${table} ${key}`}</code>
                    <span className={css['below']}>{format.moment(at, now())}</span>
                  </Table.Td>
                )}
                <Table.Td className={css['detail'] ?? ''}>
                  {field.name ?? t('checks.version')}
                </Table.Td>
                <Table.Td className={css['detail'] ?? ''}>
                  {field.here ?? t('checks.absent')}
                </Table.Td>
                <Table.Td className={css['detail'] ?? ''}>
                  {field.there ?? t('checks.absent')}
                </Table.Td>
              </Table.Tr>
            )),
          )}
        </Table.Tbody>
      </Table>
    </section>
  );
}
