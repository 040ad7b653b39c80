import { createContext, useContext, useMemo } from 'react';
import { assert } from '../../../agent/contract/result.ts';
import { createFormat, type Format } from '../../kit/format.ts';
import { useObservable } from '../../kit/observable.ts';
import { useLanguage } from '../i18n/use-language.ts';
import type { Register } from './register.ts';
import type { RegisterView } from './register-view.ts';

export const RegisterContext = createContext<Register | null>(null);

/** The register of this screen, its view, and figures as its reader writes them. */
export function useRegister(): {
  readonly register: Register;
  readonly view: RegisterView;
  readonly format: Format & { readonly price: (minor: number) => string };
} {
  const register = useContext(RegisterContext);
  assert(register !== null, 'a register screen is shown inside RegisterContext');
  const view = useObservable(register);
  const { language } = useLanguage();
  const { status } = view;
  const format = useMemo(() => {
    const made = createFormat(language, status?.timeZone);
    return { ...made, price: (minor: number) => made.money(minor, status?.currency ?? 'CNY') };
  }, [language, status?.timeZone, status?.currency]);
  return { register, view, format };
}
