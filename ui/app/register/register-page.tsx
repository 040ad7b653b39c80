import { useEffect, useMemo, useState } from 'react';
import { LanguageSwitch, ThemeSwitch } from '../../kit/display.tsx';
import { useEnv } from '../../kit/env.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { Counter } from './counter.tsx';
import { PairForm } from './pair-form.tsx';
import { createPosApi } from './pos-api.ts';
import type { Register } from './register.ts';
import { RegisterContext } from './register-context.ts';
import css from './register-page.module.css';
import { openRegister } from './register-store.ts';

/** Where this tab keeps its token: gone with the tab. */
const TOKEN_KEY = 'tillside.demo-register-token';
/** The native fetch loses its `this` when it is passed on. */
const doFetch: typeof fetch = (input, init) => fetch(input, init);

/**
 * Stands in for the store's POS program; it knows the till only through the public POS API.
 * @param props.pairingCode shows a code at the till and answers it, where the page around can do that
 */
export function RegisterPage({
  alone,
  pairingCode,
}: {
  readonly alone: boolean;
  readonly pairingCode?: (() => Promise<string>) | undefined;
}) {
  const { t } = useLanguage();
  const env = useEnv();
  const [token, setToken] = useState<string | null>(() => sessionStorage.getItem(TOKEN_KEY));
  const [lost, setLost] = useState(false);
  const register = useRegisterOf(token, env);

  useEffect(() => {
    if (register === null) return;
    return register.subscribe(() => {
      if (!register.get().unpaired) return;
      sessionStorage.removeItem(TOKEN_KEY);
      setLost(true);
      setToken(null);
    });
  }, [register]);

  const onPaired = (fresh: string): void => {
    sessionStorage.setItem(TOKEN_KEY, fresh);
    setLost(false);
    setToken(fresh);
  };
  return (
    <div className={css['screen']}>
      <div className={css['page']}>
        <header className={css['label']}>
          <div>
            <h1 className={css['title']}>{t('register.title')}</h1>
            <p className={css['subtitle']}>{t('register.subtitle')}</p>
          </div>
          {alone ? (
            <div className={css['tools']}>
              <LanguageSwitch />
              <ThemeSwitch />
            </div>
          ) : null}
        </header>
        {register === null ? (
          <PairForm doFetch={doFetch} lost={lost} pairingCode={pairingCode} onPaired={onPaired} />
        ) : (
          <RegisterContext value={register}>
            <Counter ownScanner={alone} />
          </RegisterContext>
        )}
      </div>
    </div>
  );
}

/** The register behind a token; closed with the page and when the token changes. */
function useRegisterOf(token: string | null, env: ReturnType<typeof useEnv>): Register | null {
  const api = useMemo(() => (token === null ? null : createPosApi(doFetch, token)), [token]);
  const [register, setRegister] = useState<Register | null>(null);
  useEffect(() => {
    if (api === null) {
      setRegister(null);
      return;
    }
    const opened = openRegister(api, env);
    setRegister(opened);
    return () => opened.close();
  }, [api, env]);
  return register;
}
