import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import { LANGUAGES, type Language } from '../../../agent/contract/text.ts';
import { en } from './en.ts';
import { zhCN } from './zh-cn.ts';

const PREFERENCE = 'tillside.hq.language';

function known(language: string | null | undefined): Language | undefined {
  return LANGUAGES.find((each) => each === language);
}

/**
 * Starts the catalogues in the language chosen earlier on this page, else in Chinese.
 * @param preferences where a choice is remembered
 */
export function setupLanguage(preferences: Pick<Storage, 'getItem' | 'setItem'>): void {
  void i18next.use(initReactI18next).init({
    resources: { 'zh-CN': { console: zhCN }, en: { console: en } },
    lng: known(preferences.getItem(PREFERENCE)) ?? 'zh-CN',
    fallbackLng: false,
    defaultNS: 'console',
    ns: ['console'],
    initAsync: false,
    interpolation: { escapeValue: false },
  });
  const show = (language: string): void => {
    document.documentElement.lang = language;
  };
  show(i18next.language);
  i18next.on('languageChanged', show);
}

/** Remembers a choice made on this page. */
export function rememberLanguage(preferences: Pick<Storage, 'setItem'>, language: Language): void {
  preferences.setItem(PREFERENCE, language);
}
