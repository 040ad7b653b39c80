import { Button } from '@mantine/core';
import { IconBackspace } from '@tabler/icons-react';
import { type FormEvent, useEffect, useId, useRef, useState } from 'react';
import { useLanguage } from '../i18n/use-language.ts';
import css from './pin-pad.module.css';

/** Fewest and most digits of a PIN, as the contract has them. */
export const PIN_MIN_DIGITS = 4;
export const PIN_MAX_DIGITS = 8;

const DIGITS = ['1', '2', '3', '4', '5', '6', '7', '8', '9'] as const;

/**
 * A PIN by touch or by keyboard. The digits lie in a real password field, so that a scan into it can be undone.
 * @param onPin called with 4 to 8 digits; the field is empty again when it answers
 */
export function PinPad(props: {
  readonly label: string;
  readonly action: string;
  readonly busy: boolean;
  readonly onPin: (pin: string) => Promise<unknown>;
}) {
  const { t } = useLanguage();
  const [pin, setPin] = useState('');
  const field = useRef<HTMLInputElement>(null);
  const id = useId();
  const add = (digits: string): void =>
    setPin((before) => (before + digits).slice(0, PIN_MAX_DIGITS));
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (pin.length < PIN_MIN_DIGITS || props.busy) return;
    void props.onPin(pin).finally(() => {
      setPin('');
      field.current?.focus();
    });
  };
  useEffect(() => field.current?.focus(), []);
  return (
    <form className={css['pad']} onSubmit={submit}>
      <label className={css['label']} htmlFor={id}>
        {props.label}
      </label>
      <input
        id={id}
        ref={field}
        className={css['field']}
        type="password"
        inputMode="numeric"
        autoComplete="off"
        value={pin}
        onChange={(event) =>
          setPin(event.currentTarget.value.replace(/\D/g, '').slice(0, PIN_MAX_DIGITS))
        }
      />
      <div className={css['keys']}>
        {DIGITS.map((digit) => (
          <Button
            key={digit}
            variant="default"
            onClick={() => add(digit)}
            className={css['key'] ?? ''}
          >
            {digit}
          </Button>
        ))}
        <Button
          variant="subtle"
          c="var(--ts-text)"
          onClick={() => setPin('')}
          className={css['key'] ?? ''}
          fz={16}
          px={4}
        >
          {t('staff.clear')}
        </Button>
        <Button variant="default" onClick={() => add('0')} className={css['key'] ?? ''}>
          0
        </Button>
        <Button
          variant="subtle"
          c="var(--ts-text)"
          onClick={() => setPin((before) => before.slice(0, -1))}
          className={css['key'] ?? ''}
          aria-label={t('staff.erase')}
        >
          <IconBackspace size={26} />
        </Button>
      </div>
      <Button
        type="submit"
        loading={props.busy}
        disabled={pin.length < PIN_MIN_DIGITS}
        fullWidth
        size="lg"
      >
        {props.action}
      </Button>
    </form>
  );
}
