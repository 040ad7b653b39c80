import { Button, Table } from '@mantine/core';
import { IconArrowDown, IconArrowUp } from '@tabler/icons-react';
import { useState } from 'react';
import type { TillRow } from '../../../sync/protocol/fleet.ts';
import { CHECK_OUTCOMES } from '../../kit/check-words.ts';
import { StatusMark } from '../../kit/status-mark.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import { useTiers } from '../i18n/use-tiers.ts';
import { tillAddress } from '../router.ts';
import { useFormat } from '../use-format.ts';
import css from './pages.module.css';
import {
  BEHIND_ROWS,
  CLOCK_OFF_MS,
  isTooOldForChecks,
  isUnchecked,
  stateOf,
  TONE_OF_STATE,
} from './till-state.ts';

/** Rows of one page of the list. */
export const TILLS_PAGE_ROWS = 50;

const timeOf = (instant: string | null): number => (instant === null ? 0 : Date.parse(instant));
/** By what the list can be put in order; what needs a look comes first. */
const SORTS = {
  till: (one: TillRow, other: TillRow) => one.tillId.localeCompare(other.tillId),
  store: (one: TillRow, other: TillRow) =>
    one.storeId.localeCompare(other.storeId) || one.tillId.localeCompare(other.tillId),
  seen: (one: TillRow, other: TillRow) => timeOf(one.lastSeenAt) - timeOf(other.lastSeenAt),
  behind: (one: TillRow, other: TillRow) => (other.behind ?? -1) - (one.behind ?? -1),
  up: (one: TillRow, other: TillRow) => (other.waiting ?? -1) - (one.waiting ?? -1),
  check: (one: TillRow, other: TillRow) =>
    timeOf(one.lastCheck?.at ?? null) - timeOf(other.lastCheck?.at ?? null),
  drift: (one: TillRow, other: TillRow) => other.recentDrift - one.recentDrift,
} as const;
type SortName = keyof typeof SORTS;
const COLUMNS: readonly { readonly name: SortName; readonly right?: true }[] = [
  { name: 'till' },
  { name: 'store' },
  { name: 'seen' },
  { name: 'behind', right: true },
  { name: 'up', right: true },
  { name: 'check' },
  { name: 'drift', right: true },
];

/** The tills of a list, in the order that its head gives, page by page. */
export function TillTable(props: {
  readonly rows: readonly TillRow[];
  readonly atMs: number;
  readonly onRevoke: (till: TillRow) => void;
}) {
  const { t } = useLanguage();
  const format = useFormat();
  const [sort, setSort] = useState<{ readonly by: SortName; readonly turned: boolean }>({
    by: 'store',
    turned: false,
  });
  const [wantedPage, setPage] = useState(0);
  const ordered = props.rows.toSorted(SORTS[sort.by]);
  if (sort.turned) ordered.reverse();
  const pages = Math.ceil(ordered.length / TILLS_PAGE_ROWS);
  // The list may have become shorter since the page was turned.
  const page = Math.min(wantedPage, pages - 1);
  const first = page * TILLS_PAGE_ROWS;
  const shown = ordered.slice(first, first + TILLS_PAGE_ROWS);
  const sortBy = (by: SortName): void => {
    setSort({ by, turned: sort.by === by && !sort.turned });
    setPage(0);
  };
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: keyboards scroll only what they can reach (WCAG 2.1.1). */}
      <section className={css['table']} tabIndex={0} aria-label={t('tills.title')}>
        <Table verticalSpacing="sm" highlightOnHover>
          <Table.Thead>
            <Table.Tr>
              {COLUMNS.map(({ name, right }) => (
                <Table.Th
                  key={name}
                  className={right === true ? (css['right'] ?? '') : ''}
                  aria-sort={sort.by !== name ? 'none' : sort.turned ? 'descending' : 'ascending'}
                >
                  <button type="button" className={css['sort']} onClick={() => sortBy(name)}>
                    {t(`tills.columns.${name}`)}
                    {sort.by !== name ? null : sort.turned ? (
                      <IconArrowUp size={16} aria-hidden="true" />
                    ) : (
                      <IconArrowDown size={16} aria-hidden="true" />
                    )}
                  </button>
                </Table.Th>
              ))}
              <Table.Th>{t('tills.actions')}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {shown.map((till) => (
              <Line key={till.tillId} till={till} atMs={props.atMs} onRevoke={props.onRevoke} />
            ))}
          </Table.Tbody>
        </Table>
      </section>
      {pages <= 1 ? null : (
        <nav className={css['tools']} aria-label={t('tills.pages')}>
          <Button variant="default" disabled={page === 0} onClick={() => setPage(page - 1)}>
            {t('tills.before')}
          </Button>
          <p>
            {t('tills.of', {
              from: format.number(first + 1),
              to: format.number(first + shown.length),
              all: format.number(ordered.length),
            })}
          </p>
          <Button variant="default" disabled={page === pages - 1} onClick={() => setPage(page + 1)}>
            {t('tills.next')}
          </Button>
        </nav>
      )}
    </>
  );
}

function Line(props: {
  readonly till: TillRow;
  readonly atMs: number;
  readonly onRevoke: (till: TillRow) => void;
}) {
  const { t, say } = useLanguage();
  const { storeTier } = useTiers();
  const format = useFormat();
  const { till, atMs } = props;
  const state = stateOf(till);
  const off = Math.abs(till.clockOffsetMs ?? 0);
  const right = css['right'] ?? '';
  return (
    <Table.Tr data-till={till.tillId}>
      <Table.Td className={css['strong'] ?? ''}>
        <a className={css['link']} href={tillAddress(till.tillId)}>
          {till.tillId}
        </a>
        {till.version === null ? null : <span className={css['below']}>{till.version}</span>}
      </Table.Td>
      <Table.Td>
        {say(till.storeName)}
        <span className={css['below']}>
          {storeTier(till.storeTier)} · {till.storeId}
        </span>
      </Table.Td>
      <Table.Td>
        <StatusMark tone={TONE_OF_STATE[state]}>{t(`tills.${state}`)}</StatusMark>
        <span className={css['below']}>
          {till.lastSeenAt === null ? t('tills.never') : format.moment(till.lastSeenAt, atMs)}
        </span>
        {off < CLOCK_OFF_MS || state === 'revoked' ? null : (
          <StatusMark tone="warn">{t('tills.clockOff', { by: format.duration(off) })}</StatusMark>
        )}
      </Table.Td>
      <Table.Td className={right}>
        {till.behind === null ? (
          '—'
        ) : till.behind > BEHIND_ROWS ? (
          <StatusMark tone="warn">{format.number(till.behind)}</StatusMark>
        ) : (
          format.number(till.behind)
        )}
      </Table.Td>
      <Table.Td className={right}>
        {till.waiting === null ? '—' : format.number(till.waiting)}
        {till.oldestWaitingAt === null ? null : (
          <span className={css['below']}>
            {t('tills.oldest', { time: format.moment(till.oldestWaitingAt, atMs) })}
          </span>
        )}
      </Table.Td>
      <Table.Td>
        <LastCheckCell till={till} atMs={atMs} />
      </Table.Td>
      <Table.Td className={right}>{format.number(till.recentDrift)}</Table.Td>
      <Table.Td>
        {state === 'revoked' ? null : (
          <Button variant="default" px={14} onClick={() => props.onRevoke(till)}>
            {t('tills.revoke')}
          </Button>
        )}
      </Table.Td>
    </Table.Tr>
  );
}

/** How the last full check of a till ended and when, in two lines. */
function LastCheckCell({ till, atMs }: { readonly till: TillRow; readonly atMs: number }) {
  const { t, say } = useLanguage();
  const format = useFormat();
  const { lastCheck } = till;
  if (till.state !== 'registered') return '—';
  if (lastCheck === null)
    return (
      <StatusMark tone={isUnchecked(till, atMs) ? 'warn' : 'idle'}>
        {t(isTooOldForChecks(till) ? 'tills.tooOld' : 'tills.notChecked')}
      </StatusMark>
    );
  const { tone, name } = CHECK_OUTCOMES[lastCheck.outcome];
  const overdue = isUnchecked(till, atMs);
  return (
    <>
      <StatusMark tone={overdue ? 'warn' : tone}>
        {overdue ? t('tills.overdue') : say(name)}
      </StatusMark>
      <span className={css['below']}>
        {format.moment(lastCheck.at, atMs)}
        {lastCheck.drift === 0 ? '' : ` · ${t('tills.driftRows', { count: lastCheck.drift })}`}
      </span>
    </>
  );
}
