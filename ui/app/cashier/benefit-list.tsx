import { Button } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import type { NearMiss, RuleOutcome, Text } from '../../../agent/contract/index.ts';
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
export function BenefitList(props: {
  readonly outcomes: readonly RuleOutcome[];
  readonly nearMisses: readonly NearMiss[];
}) {
  const { t } = useLanguage();
  const [all, setAll] = useState(false);
  const groups = groupOutcomes(props.outcomes, props.nearMisses);
  const quiet = groups.lost.length + groups.other.length;
  return (
    <div className={css['groups']} data-testid="benefits">
      {groups.applied.length === 0 ? (
        <div className={css['none']}>
          <p>{t('benefit.none')}</p>
          <p className={css['hint']}>{t('benefit.noneHint')}</p>
        </div>
      ) : (
        <Outcomes name="applied" outcomes={groups.applied} />
      )}
      <NearMisses nearMisses={groups.near} />
      <Outcomes name="refused" outcomes={groups.refused} />
      {quiet > 0 ? (
        <Button
          variant="subtle"
          color="gray"
          c="var(--ts-text)"
          aria-expanded={all}
          onClick={() => setAll(!all)}
          fullWidth
        >
          {all ? t('benefit.hideOther') : t('benefit.showOther', { number: quiet })}
        </Button>
      ) : null}
      {all ? <Outcomes name="lost" outcomes={groups.lost} /> : null}
      {all ? <Outcomes name="other" outcomes={groups.other} /> : null}
    </div>
  );
}

function Outcomes(props: {
  readonly name: Exclude<keyof OutcomeGroups, 'near'>;
  readonly outcomes: readonly RuleOutcome[];
}) {
  const { t } = useLanguage();
  const format = useFormat();
  return (
    <Group name={props.name} size={props.outcomes.length}>
      {props.outcomes.map(({ ruleId, name, text, discountMinor, points }) => (
        <Row key={ruleId} tone={TONES[props.name]} name={name} text={text}>
          {discountMinor > 0 ? <span>−{format.price(discountMinor)}</span> : null}
          {points > 0 ? (
            <span>{t('benefit.points', { number: format.number(points) })}</span>
          ) : null}
        </Row>
      ))}
    </Group>
  );
}

function NearMisses({ nearMisses }: { readonly nearMisses: readonly NearMiss[] }) {
  const { t } = useLanguage();
  const format = useFormat();
  return (
    <Group name="near" size={nearMisses.length}>
      {nearMisses.map(({ ruleId, name, text, gainMinor }) => (
        <Row key={ruleId} tone={TONES.near} name={text} text={name}>
          {gainMinor === undefined ? null : (
            <span className={css['possible']}>
              {t('benefit.gain', { amount: format.price(gainMinor) })}
            </span>
          )}
        </Row>
      ))}
    </Group>
  );
}

function Group(props: {
  readonly name: keyof OutcomeGroups;
  readonly size: number;
  readonly children: ReactNode;
}) {
  const { t } = useLanguage();
  if (props.size === 0) return null;
  return (
    <section aria-label={t(`benefit.${props.name}`)} data-group={props.name}>
      <h3 className={css['head']}>
        {t(`benefit.${props.name}`)} <span className={css['count']}>{props.size}</span>
      </h3>
      <ul>{props.children}</ul>
    </section>
  );
}

function Row(props: {
  readonly tone: Tone;
  readonly name: Text;
  readonly text: Text;
  readonly children: ReactNode;
}) {
  const { say } = useLanguage();
  return (
    <li className={css['row']}>
      <ToneShape tone={props.tone} size={20} />
      <div className={css['words']}>
        <p className={css['name']}>{say(props.name)}</p>
        <p className={css['text']}>{say(props.text)}</p>
      </div>
      <div className={css['gain']}>{props.children}</div>
    </li>
  );
}
