import type { TFunction } from 'i18next';
import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';
import type { Language, Text } from '../../../agent/contract/text.ts';
import { useEnv } from '../kit/env.ts';
import { rememberLanguage } from './setup.ts';

/** The present language of the console. */
export interface LanguageUse {
  readonly language: Language;
  /** A sentence of the catalogues. */
  readonly t: TFunction<'console'>;
  /** A sentence that HQ sent, in the present language. */
  readonly say: (text: Text) => string;
  /** Switches between the two and remembers the choice. */
  readonly toggle: () => void;
}

/** Follows and switches the language of the console. */
export function useLanguage(): LanguageUse {
  const { t, i18n } = useTranslation('console');
  const language: Language = i18n.language === 'en' ? 'en' : 'zh-CN';
  const say = useCallback((text: Text) => text[language], [language]);
  const { preferences } = useEnv();
  const toggle = useCallback(() => {
    const next: Language = language === 'en' ? 'zh-CN' : 'en';
    rememberLanguage(preferences, next);
    void i18n.changeLanguage(next);
  }, [i18n, language, preferences]);
  return { language, t, say, toggle };
}
