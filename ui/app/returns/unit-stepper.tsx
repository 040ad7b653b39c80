import { ActionIcon, NumberInput } from '@mantine/core';
import { IconMinus, IconPlus } from '@tabler/icons-react';
import { useLanguage } from '../i18n/use-language.ts';
import css from './return-flow.module.css';

/** So many units, from 0 to `max`: by finger, by arrow keys, or typed. */
export function UnitStepper(props: {
  readonly name: string;
  readonly value: number;
  readonly max: number;
  readonly onChange: (value: number) => void;
}) {
  const { t } = useLanguage();
  const { name, value, max, onChange } = props;
  return (
    <div className={css['stepper']}>
      <ActionIcon
        variant="default"
        disabled={value === 0}
        onClick={() => onChange(value - 1)}
        aria-label={t('returns.less', { name })}
      >
        <IconMinus size={20} />
      </ActionIcon>
      <NumberInput
        w={72}
        aria-label={t('returns.units', { name })}
        value={value}
        onChange={(next) => onChange(typeof next === 'number' ? next : 0)}
        min={0}
        max={max}
        clampBehavior="strict"
        allowDecimal={false}
        allowNegative={false}
        hideControls
        styles={{ input: { textAlign: 'center', fontWeight: 600 } }}
      />
      <ActionIcon
        variant="default"
        disabled={value >= max}
        onClick={() => onChange(value + 1)}
        aria-label={t('returns.more', { name })}
      >
        <IconPlus size={20} />
      </ActionIcon>
    </div>
  );
}
