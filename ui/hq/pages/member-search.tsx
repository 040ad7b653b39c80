import { Button, TextInput } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { z } from 'zod';
import type { memberHitSchema } from '../../../sync/protocol/fleet.ts';
import { Notice } from '../../kit/notice.tsx';
import { Panel } from '../../kit/panel.tsx';
import { ProblemNotice } from '../../kit/problem-notice.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import { useTiers } from '../i18n/use-tiers.ts';
import { useFormat } from '../use-format.ts';
import { MemberPasses } from './member-passes.tsx';
import css from './pages.module.css';
import { useCall } from './use-call.ts';

export type Found = z.infer<typeof memberHitSchema>;
const SHOWN = 20;

/** Finds a member by id, card or phone; names are masked. */
export function MemberSearch(props: {
  readonly chosen: Found | null;
  readonly onChoose: (member: Found) => void;
  /** Number of what was booked last: points and tier of those shown may have changed by it. */
  readonly booked: number | null;
}) {
  const { t } = useLanguage();
  const format = useFormat();
  const { memberTier } = useTiers();
  const [query, setQuery] = useState('');
  const search = useCall('searchMembers');
  const hits = search.reply?.members;
  const { booked } = props;
  // biome-ignore lint/correctness/useExhaustiveDependencies: only a booking asks again; typing waits for the button.
  useEffect(() => {
    if (booked !== null && hits !== undefined) look();
  }, [booked]);

  function look(): void {
    if (query.trim().length >= 2) void search.run({ query: query.trim(), limit: SHOWN });
  }

  return (
    <Panel title={t('sales.member')}>
      <form
        className={css['column']}
        onSubmit={(event) => {
          event.preventDefault();
          look();
        }}
      >
        <TextInput
          label={t('online.search')}
          value={query}
          maxLength={64}
          onChange={(event) => setQuery(event.currentTarget.value)}
        />
        <Button
          type="submit"
          variant="default"
          loading={search.busy}
          disabled={query.trim().length < 2}
        >
          {t('online.find')}
        </Button>
      </form>
      <div className={css['results']}>
        <ProblemNotice problem={search.problem} />
        {hits?.length === 0 ? <Notice tone="info" title={t('online.noHit')} /> : null}
        {hits?.map((member) => (
          <button
            key={member.memberId}
            type="button"
            className={css['hit']}
            aria-pressed={props.chosen?.memberId === member.memberId}
            onClick={() => props.onChoose(member)}
          >
            <span className={css['strong']}>{member.maskedName}</span>
            <span>
              {member.memberId}
              {member.phoneLast4 === null ? '' : ` · ···${member.phoneLast4}`}
            </span>
            <span className={css['faint']}>
              {memberTier(member.tier)} · {format.number(member.points)} {t('sales.points')}
            </span>
          </button>
        ))}
        {props.chosen === null ? null : <MemberPasses memberId={props.chosen.memberId} />}
      </div>
    </Panel>
  );
}
