import { useMemo } from 'react';
import { createFormat, type Format } from '../../kit/format.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { useTill } from './till-context.ts';

/** Figures in the reader's language and the store's time zone and currency. */
export function useFormat(): Format & { readonly price: (minor: number) => string } {
  const { language } = useLanguage();
  const { status, sale } = useTill().view;
  const timeZone = status?.timeZone;
  const currency = sale?.evaluation.currency ?? status?.currency ?? 'CNY';
  return useMemo(() => {
    const format = createFormat(language, timeZone);
    return { ...format, price: (minor) => format.money(minor, currency) };
  }, [language, timeZone, currency]);
}
