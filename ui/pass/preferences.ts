import { LANGUAGES, type Language } from '../../agent/contract/text.ts';

const LANGUAGE = 'tillside.language';

/** What the member has chosen on this page. */
export interface Preferences {
  /** The language chosen here, else that of the browser: Chinese where it is any Chinese, else English. */
  language(): Language;
  choose(language: Language): void;
}

/**
 * Preferences of this browser. One that keeps nothing forgets them, and the page goes on.
 * @param storage gives the storage, and may throw, as `localStorage` does where data are blocked
 * @param browser the language of the browser
 */
export function openPreferences(
  storage: () => Pick<Storage, 'getItem' | 'setItem'>,
  browser: string,
): Preferences {
  return {
    language() {
      const chosen = quietly(() => storage().getItem(LANGUAGE));
      return LANGUAGES.find((one) => one === chosen) ?? (/^zh\b/i.test(browser) ? 'zh-CN' : 'en');
    },
    choose: (language) => quietly(() => storage().setItem(LANGUAGE, language)),
  };
}

function quietly<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
