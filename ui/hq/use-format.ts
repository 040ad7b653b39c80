import { useMemo } from 'react';
import { createFormat, type Format } from '../kit/format.ts';
import { useLanguage } from './i18n/use-language.ts';

/** Numbers and times in the reader's language and the console's own time zone: HQ serves stores of several. */
export function useFormat(): Format {
  const { language } = useLanguage();
  return useMemo(() => createFormat(language, undefined), [language]);
}
