import type { TFunction } from 'i18next';
import { useTranslation } from 'react-i18next';
import { type LanguageChoice, useLanguageChoice } from '../../kit/language.ts';

/** The present language, with the sentences of the console. */
export function useLanguage(): LanguageChoice & { readonly t: TFunction<'console'> } {
  const { t } = useTranslation('console');
  return { t, ...useLanguageChoice() };
}
