import i18next, { type Resource } from 'i18next';
import { useCallback } from 'react';
import { initReactI18next, useTranslation } from 'react-i18next';
import { LANGUAGES, type Language, type Text } from '../../agent/contract/text.ts';
import { type Env, useEnv } from './env.ts';

const PREFERENCE = 'tillside.language';

function chosen(preferences: Pick<Storage, 'getItem'>): Language | undefined {
  return LANGUAGES.find((each) => each === preferences.getItem(PREFERENCE));
}

/**
 * Starts a program's catalogues in the language chosen earlier on this page, else in Chinese.
 * @param namespace the name under which `catalogues` hold the sentences of each language
 * @param preferences where a choice is remembered
 */
export function startLanguage(
  namespace: string,
  catalogues: Resource & Readonly<Record<Language, object>>,
  preferences: Env['preferences'],
): void {
  void i18next.use(initReactI18next).init({
    resources: catalogues,
    lng: chosen(preferences) ?? 'zh-CN',
    fallbackLng: false,
    defaultNS: namespace,
    ns: [namespace],
    // Some keys are ids with a colon, such as `ledger:read`.
    nsSeparator: false,
    initAsync: false,
    interpolation: { escapeValue: false },
  });
  const show = (language: string): void => {
    document.documentElement.lang = language;
  };
  show(i18next.language);
  i18next.on('languageChanged', show);
}

/** Whether somebody chose a language on this page. */
export function languageChosen(preferences: Env['preferences']): boolean {
  return chosen(preferences) !== undefined;
}

/** The present language of a page, whichever program's. */
export interface LanguageChoice {
  readonly language: Language;
  /** A sentence that comes in both languages, in the present one. */
  readonly say: (text: Text) => string;
  /** Switches between the two and remembers the choice. */
  readonly toggle: () => void;
}

/** Follows and switches the language of the page. */
export function useLanguageChoice(): LanguageChoice {
  const { i18n } = useTranslation();
  const { preferences } = useEnv();
  const language: Language = i18n.language === 'en' ? 'en' : 'zh-CN';
  const say = useCallback((text: Text) => text[language], [language]);
  const toggle = useCallback(() => {
    const next: Language = language === 'en' ? 'zh-CN' : 'en';
    preferences.setItem(PREFERENCE, next);
    void i18n.changeLanguage(next);
  }, [i18n, language, preferences]);
  return { language, say, toggle };
}
