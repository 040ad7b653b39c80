import { Button, SegmentedControl, Table, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { TillRow } from '../../../sync/protocol/fleet.ts';
import { Notice } from '../../kit/notice.tsx';
import { ProblemNotice } from '../../kit/problem-notice.tsx';
import { StatusMark } from '../../kit/status-mark.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import { useTiers } from '../i18n/use-tiers.ts';
import { useFormat } from '../use-format.ts';
import { useHqPoll } from '../use-hq-poll.ts';
import css from './pages.module.css';
import { RevokeDialog } from './revoke-dialog.tsx';
import { TicketDialog } from './ticket-dialog.tsx';
import { CLOCK_OFF_MS, needsAttention, stateOf, TONE_OF_STATE } from './till-state.ts';

/** Every till of the chain: is it heard, what is it missing, what is missing of it. */
export function TillsPage() {
  const { t, say } = useLanguage();
  const { data, problem, again } = useHqPoll((hq) => hq.call('listTills', {}));
  const [query, setQuery] = useState('');
  const [trouble, setTrouble] = useState(false);
  const [dialog, setDialog] = useState<'ticket' | TillRow | null>(null);
  const close = (): void => {
    setDialog(null);
    again();
  };
  if (data === null)
    return problem === null ? <p>{t('app.loading')}</p> : <ProblemNotice problem={problem} />;
  const wanted = query.trim().toLowerCase();
  const shown = data.tills.filter(
    (till) =>
      (!trouble || needsAttention(till)) &&
      [till.tillId, till.storeId, say(till.storeName), till.storeTier].some((part) =>
        part.toLowerCase().includes(wanted),
      ),
  );
  return (
    <div className={css['column']}>
      <div className={css['tools']}>
        <TextInput
          className={css['grow'] ?? ''}
          aria-label={t('tills.filter')}
          placeholder={t('tills.filter')}
          value={query}
          onChange={(event) => setQuery(event.currentTarget.value)}
        />
        <SegmentedControl
          value={trouble ? 'trouble' : 'all'}
          onChange={(value) => setTrouble(value === 'trouble')}
          data={[
            { value: 'all', label: t('tills.all') },
            { value: 'trouble', label: t('tills.trouble') },
          ]}
        />
        <Button onClick={() => setDialog('ticket')}>{t('tills.newTicket')}</Button>
      </div>
      {data.tills.length === 0 ? (
        <Notice tone="info" title={t('tills.none')}>
          {t('tills.noneHint')}
        </Notice>
      ) : shown.length === 0 ? (
        <Notice tone="info" title={t('tills.noMatch')} />
      ) : (
        <TillTable
          rows={shown}
          head={data.head}
          atMs={Date.parse(data.at)}
          onRevoke={(till) => setDialog(till)}
        />
      )}
      {dialog === 'ticket' ? <TicketDialog onClose={close} /> : null}
      {dialog === null || dialog === 'ticket' ? null : (
        <RevokeDialog till={dialog} onClose={close} />
      )}
    </div>
  );
}

function TillTable(props: {
  readonly rows: readonly TillRow[];
  readonly head: number;
  readonly atMs: number;
  readonly onRevoke: (till: TillRow) => void;
}) {
  const { t, say } = useLanguage();
  const { storeTier } = useTiers();
  const format = useFormat();
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: keyboards scroll only what they can reach (WCAG 2.1.1).
    <section className={css['table']} tabIndex={0} aria-label={t('tills.title')}>
      <Table verticalSpacing="sm" highlightOnHover>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('tills.till')}</Table.Th>
            <Table.Th>{t('tills.store')}</Table.Th>
            <Table.Th>{t('tills.state')}</Table.Th>
            <Table.Th>{t('tills.seen')}</Table.Th>
            <Table.Th className={css['right'] ?? ''}>{t('tills.behind')}</Table.Th>
            <Table.Th className={css['right'] ?? ''}>{t('tills.received')}</Table.Th>
            <Table.Th className={css['right'] ?? ''}>{t('tills.clock')}</Table.Th>
            <Table.Th>{t('tills.actions')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {props.rows.map((till) => {
            const state = stateOf(till);
            const off = Math.abs(till.clockOffsetMs ?? 0);
            return (
              <Table.Tr key={till.tillId} data-till={till.tillId}>
                <Table.Td className={css['strong'] ?? ''}>
                  {till.tillId}
                  {till.version === null ? null : (
                    <span className={css['below']}>{till.version}</span>
                  )}
                </Table.Td>
                <Table.Td>
                  {say(till.storeName)}
                  <span className={css['below']}>
                    {storeTier(till.storeTier)} · {till.storeId}
                  </span>
                </Table.Td>
                <Table.Td>
                  <StatusMark tone={TONE_OF_STATE[state]}>{t(`tills.${state}`)}</StatusMark>
                </Table.Td>
                <Table.Td>
                  {till.lastSeenAt === null
                    ? t('tills.never')
                    : format.moment(till.lastSeenAt, props.atMs)}
                </Table.Td>
                <Table.Td className={css['right'] ?? ''}>
                  {till.behind === null ? '—' : format.number(till.behind)}
                </Table.Td>
                <Table.Td className={css['right'] ?? ''}>
                  {format.number(till.receivedSeq)} / {format.number(till.backedUpSeq)}
                </Table.Td>
                <Table.Td className={css['right'] ?? ''}>
                  {till.clockOffsetMs === null ? (
                    '—'
                  ) : off >= CLOCK_OFF_MS ? (
                    <StatusMark tone="warn">{format.duration(off)}</StatusMark>
                  ) : (
                    `< ${format.duration(CLOCK_OFF_MS)}`
                  )}
                </Table.Td>
                <Table.Td>
                  {state === 'revoked' ? null : (
                    <Button variant="default" px={14} onClick={() => props.onRevoke(till)}>
                      {t('tills.revoke')}
                    </Button>
                  )}
                </Table.Td>
              </Table.Tr>
            );
          })}
        </Table.Tbody>
      </Table>
    </section>
  );
}
