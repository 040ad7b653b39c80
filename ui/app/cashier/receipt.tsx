import type { EntryReply } from '../../../agent/contract/index.ts';
import { useLanguage } from '../i18n/use-language.ts';
import css from './receipt.module.css';

/** The receipt as a printer prints it. */
export function Receipt({ receipt }: { readonly receipt: EntryReply }) {
  const { t, say } = useLanguage();
  return (
    <section aria-label={t('sale.receipt')}>
      <pre className={css['receipt']} data-testid="receipt">
        {receipt.receipt.lines.map((line) => say(line)).join('\n')}
      </pre>
    </section>
  );
}
