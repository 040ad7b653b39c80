import { Button, SegmentedControl, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { TillRow } from '../../../sync/protocol/fleet.ts';
import { Notice } from '../../kit/notice.tsx';
import { ProblemNotice } from '../../kit/problem-notice.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import { useOpenTill } from '../router.ts';
import { useFormat } from '../use-format.ts';
import { POLL_MS, useHqPoll } from '../use-hq-poll.ts';
import { Figures } from './figures.tsx';
import css from './pages.module.css';
import { RevokeDialog } from './revoke-dialog.tsx';
import { TicketDialog } from './ticket-dialog.tsx';
import { TillPage } from './till-page.tsx';
import { hasDrift, isUnchecked, needsAttention, stateOf } from './till-state.ts';
import { TillTable } from './till-table.tsx';

/** From so many tills on the list is read less often: an answer of a thousand has half a megabyte. */
const MANY_TILLS = 200;
/** ... every so many milliseconds. */
const MANY_POLL_MS = 5_000;

const FILTERS = {
  all: () => true,
  trouble: needsAttention,
  unchecked: isUnchecked,
  drift: hasDrift,
} as const satisfies Readonly<Record<string, (till: TillRow, atMs: number) => boolean>>;
type Filter = keyof typeof FILTERS;
const FILTER_NAMES = Object.keys(FILTERS) as Filter[];

/** The fleet, or one of its tills. */
export function TillsPage() {
  const open = useOpenTill();
  return open === null ? <Fleet /> : <TillPage key={open} tillId={open} />;
}

/** Every till of the chain: is it heard, what is it missing, what is missing of it, and when was all of it compared. */
function Fleet() {
  const { t, say } = useLanguage();
  const format = useFormat();
  const [everyMs, setEveryMs] = useState(POLL_MS);
  const { data, problem, again } = useHqPoll(async (hq) => {
    const list = await hq.call('listTills', {});
    setEveryMs(list.tills.length > MANY_TILLS ? MANY_POLL_MS : POLL_MS);
    return list;
  }, everyMs);
  const [query, setQuery] = useState('');
  const [filter, setFilter] = useState<Filter>('all');
  const [dialog, setDialog] = useState<'ticket' | TillRow | null>(null);
  const close = (): void => {
    setDialog(null);
    again();
  };
  if (data === null)
    return problem === null ? <p>{t('app.loading')}</p> : <ProblemNotice problem={problem} />;
  const atMs = Date.parse(data.at);
  const wanted = query.trim().toLowerCase();
  const found = data.tills.filter((till) =>
    [
      till.tillId,
      till.storeId,
      say(till.storeName),
      till.storeTier,
      t(`tills.${stateOf(till)}`),
    ].some((part) => part.toLowerCase().includes(wanted)),
  );
  const shown = found.filter((till) => FILTERS[filter](till, atMs));
  return (
    <div className={css['column']}>
      {data.tills.length === 0 ? null : <Totals tills={data.tills} atMs={atMs} />}
      <div className={css['tools']}>
        <TextInput
          className={css['grow'] ?? ''}
          aria-label={t('tills.filter')}
          placeholder={t('tills.filter')}
          value={query}
          onChange={(event) => setQuery(event.currentTarget.value)}
        />
        <SegmentedControl
          value={filter}
          onChange={(value) => setFilter(FILTER_NAMES.find((name) => name === value) ?? 'all')}
          data={FILTER_NAMES.map((name) => ({
            value: name,
            label: `${t(`tills.filters.${name}`)} ${format.number(
              found.filter((till) => FILTERS[name](till, atMs)).length,
            )}`,
          }))}
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
          key={`${filter} ${wanted}`}
          rows={shown}
          atMs={atMs}
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

/** What the whole fleet comes to. */
function Totals({ tills, atMs }: { readonly tills: readonly TillRow[]; readonly atMs: number }) {
  const { t } = useLanguage();
  const { number } = useFormat();
  const inService = tills.filter(({ state }) => state === 'registered');
  const count = (wanted: (till: TillRow) => boolean) => inService.filter(wanted).length;
  const sum = (of: (till: TillRow) => number) => inService.reduce((all, till) => all + of(till), 0);
  const unchecked = count((till) => isUnchecked(till, atMs));
  return (
    <Figures
      figures={[
        [
          t('tills.totals.online'),
          `${number(count(({ online }) => online))} / ${number(inService.length)}`,
        ],
        [t('tills.totals.waiting'), number(sum(({ waiting }) => waiting ?? 0))],
        [t('tills.totals.unchecked'), number(unchecked), unchecked > 0 ? 'warn' : 'ok'],
        [t('tills.totals.drift'), number(sum(({ recentDrift }) => recentDrift))],
      ]}
    />
  );
}
