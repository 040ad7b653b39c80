import { Button, PasswordInput } from '@mantine/core';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { LanguageSwitch, ThemeSwitch } from '../kit/display.tsx';
import { Notice } from '../kit/notice.tsx';
import { ProblemNotice } from '../kit/problem-notice.tsx';
import { useHq } from './hq-context.ts';
import { HqCallError, type Problem, toProblem } from './hq-link.ts';
import { useLanguage } from './i18n/use-language.ts';
import { takeCode } from './router.ts';
import css from './sign-in.module.css';

/** Opens the console by the code in its link, or by a token that somebody pastes. */
export function SignIn() {
  const { t } = useLanguage();
  const link = useHq();
  const [token, setToken] = useState('');
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const asked = useRef(false);

  async function attempt(work: () => Promise<unknown>): Promise<void> {
    setBusy(true);
    setProblem(null);
    try {
      await work();
    } catch (error) {
      if (!(error instanceof HqCallError)) throw error;
      setProblem(toProblem(error));
    } finally {
      setBusy(false);
    }
  }

  // biome-ignore lint/correctness/useExhaustiveDependencies: the code of the link is taken once, whatever is rendered again.
  useEffect(() => {
    if (asked.current) return;
    asked.current = true;
    openByCode();
  }, []);

  // A link opened in this same tab changes nothing but the part behind the #.
  // biome-ignore lint/correctness/useExhaustiveDependencies: what it calls does the same in every rendering.
  useEffect(() => {
    addEventListener('hashchange', openByCode);
    return () => removeEventListener('hashchange', openByCode);
  }, []);

  function openByCode(): void {
    const code = takeCode();
    if (code !== null) void attempt(() => link.open(code));
  }

  function submit(event: FormEvent): void {
    event.preventDefault();
    if (token.trim() === '' || busy) return;
    void attempt(() => link.prove(token.trim()));
  }

  return (
    <div className={css['page']}>
      <div className={css['tools']}>
        <LanguageSwitch />
        <ThemeSwitch />
      </div>
      <main className={css['card']}>
        <img src="/mark.svg" alt="" width={48} height={48} />
        <h1 className={css['title']}>{t('signIn.title')}</h1>
        <p className={css['hint']}>{busy ? t('signIn.opening') : t('signIn.hint')}</p>
        {problem?.code === 'unauthenticated' ? (
          <Notice tone="bad" title={t('signIn.wrong')} />
        ) : problem === null && !busy && link.wasSignedOut() ? (
          <Notice tone="warn" title={t('signIn.ended')} />
        ) : (
          <ProblemNotice problem={problem} />
        )}
        <form className={css['form']} onSubmit={submit}>
          <PasswordInput
            label={t('signIn.token')}
            value={token}
            onChange={(event) => setToken(event.currentTarget.value)}
            autoComplete="off"
            styles={{
              input: { height: 48, minHeight: 48 },
              innerInput: { height: 48, fontSize: 16 },
            }}
            visibilityToggleButtonProps={{ style: { display: 'none' } }}
          />
          <Button type="submit" loading={busy} disabled={token.trim() === ''}>
            {t('signIn.submit')}
          </Button>
        </form>
      </main>
    </div>
  );
}
