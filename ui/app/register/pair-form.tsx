import { Button, TextInput } from '@mantine/core';
import { type FormEvent, useEffect, useState } from 'react';
import { Notice } from '../../kit/notice.tsx';
import { ProblemNotice } from '../../kit/problem-notice.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import { useTask } from '../kit/use-task.ts';
import { takePairingCode } from './launch.ts';
import css from './pair-form.module.css';
import { pair } from './pos-api.ts';

/** What the list of paired programs shows. */
const PROGRAM_NAME = 'Demo register 演示收银机';
const CODE_DIGITS = 6;

/** Asks for the six digits shown on the till; a code in the address (`#pair=123456`) is used at once. */
export function PairForm(props: {
  readonly doFetch: typeof fetch;
  readonly lost: boolean;
  readonly pairingCode?: (() => Promise<string>) | undefined;
  readonly onPaired: (token: string) => void;
}) {
  const { t } = useLanguage();
  const [code, setCode] = useState('');
  const task = useTask(async (digits: string) => {
    props.onPaired(await pair(props.doFetch, digits, PROGRAM_NAME));
  });
  const { run } = task;
  const { pairingCode } = props;
  const shown = useTask(async (ask: () => Promise<string>) => run(await ask()));
  useEffect(() => {
    const given = takePairingCode();
    if (given !== undefined) void run(given);
  }, [run]);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (code.length === CODE_DIGITS) void run(code);
  };
  return (
    <main className={css['middle']}>
      <form className={css['box']} onSubmit={submit}>
        <h2 className={css['title']}>{t('register.pairTitle')}</h2>
        {props.lost ? <Notice tone="warn" title={t('register.lostPairing')} /> : null}
        <p>{t('register.pairBody')}</p>
        <TextInput
          label={t('register.pairCode')}
          value={code}
          onChange={(event) =>
            setCode(event.currentTarget.value.replace(/\D/g, '').slice(0, CODE_DIGITS))
          }
          inputMode="numeric"
          autoComplete="off"
          classNames={{ input: css['code'] ?? '' }}
        />
        <ProblemNotice problem={task.problem ?? shown.problem} />
        <Button type="submit" disabled={code.length !== CODE_DIGITS} loading={task.busy}>
          {t('register.pair')}
        </Button>
        {pairingCode === undefined ? null : (
          <Button
            variant="default"
            loading={shown.busy}
            onClick={() => void shown.run(pairingCode)}
          >
            {t('register.pairDemo')}
          </Button>
        )}
      </form>
    </main>
  );
}
