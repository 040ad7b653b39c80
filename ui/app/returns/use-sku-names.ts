import { useLanguage } from '../i18n/use-language.ts';
import { useAnswer } from '../kit/use-answer.ts';
import { useReturnDesk } from './return-desk.ts';

/** Names of articles in the reader's language; the SKU where there is none, and until they are known. */
export function useSkuNames(skus: readonly string[]): (sku: string) => string {
  const { say } = useLanguage();
  const { desk } = useReturnDesk();
  const wanted = [...new Set(skus)].sort();
  const { value: names } = useAnswer(wanted.join('\n'), () => desk.names(wanted));
  return (sku) => {
    const name = names?.get(sku);
    return name === undefined ? sku : say(name);
  };
}
