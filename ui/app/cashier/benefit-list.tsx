import { Button } from '@mantine/core';
import { useState } from 'react';
import type { RuleOutcome } from '../../../agent/contract/index.ts';
import { type Tone, ToneShape } from '../../kit/status-mark.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import css from './benefit-list.module.css';
import { groupOutcomes, type OutcomeGroups } from './outcome-groups.ts';
import { useFormat } from './use-format.ts';

const TONES: Readonly<Record<keyof OutcomeGroups, Tone>> = {
  applied: 'ok',
  near: 'info',
  refused: 'bad',
  lost: 'idle',
  other: 'idle',
};

/** Every rule of the set with its reason: what counts, what is nearly there, what must not, and the rest on request. */
export function BenefitList({ outcomes }: { readonly outcomes: readonly RuleOutcome[] }) {
  const { t } = useLanguage();
  const [all, setAll] = useState(false);
  const groups = groupOutcomes(outcomes);
  const quiet = [...groups.lost, ...groups.other];
  return (
    <div className={css['groups']} data-testid="benefits">
      {groups.applied.length === 0 ? (
        <div className={css['none']}>
          <p>{t('benefit.none')}</p>
          <p className={css['hint']}>{t('benefit.noneHint')}</p>
        </div>
      ) : (
        <Group name="applied" outcomes={groups.applied} />
      )}
      {groups.near.length > 0 ? <Group name="near" outcomes={groups.near} /> : null}
      {groups.refused.length > 0 ? <Group name="refused" outcomes={groups.refused} /> : null}
      {quiet.length > 0 ? (
        <Button
          variant="subtle"
          color="gray"
          c="var(--ts-text)"
          aria-expanded={all}
          onClick={() => setAll(!all)}
          fullWidth
        >
          {all ? t('benefit.hideOther') : t('benefit.showOther', { number: quiet.length })}
        </Button>
      ) : null}
      {all && groups.lost.length > 0 ? <Group name="lost" outcomes={groups.lost} /> : null}
      {all && groups.other.length > 0 ? <Group name="other" outcomes={groups.other} /> : null}
    </div>
  );
}

function Group({
  name,
  outcomes,
}: {
  readonly name: keyof OutcomeGroups;
  readonly outcomes: readonly RuleOutcome[];
}) {
  const { t, say } = useLanguage();
  const format = useFormat();
  return (
    <section aria-label={t(`benefit.${name}`)} data-group={name}>
      <h3 className={css['head']}>
        {t(`benefit.${name}`)} <span className={css['count']}>{outcomes.length}</span>
      </h3>
      <ul>
        {outcomes.map((outcome) => (
          <li key={outcome.ruleId} className={css['row']}>
            <ToneShape tone={TONES[name]} size={20} />
            <div className={css['words']}>
              <p className={css['name']}>{say(outcome.name)}</p>
              <p className={css['text']}>{say(outcome.text)}</p>
            </div>
            <div className={css['gain']}>
              {outcome.discountMinor > 0 ? (
                <span>−{format.price(outcome.discountMinor)}</span>
              ) : null}
              {outcome.points > 0 ? (
                <span>{t('benefit.points', { number: format.number(outcome.points) })}</span>
              ) : null}
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}
