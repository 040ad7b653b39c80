import { Notice } from '../../kit/notice.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import type { WedgeRefusal } from './wedge.ts';

/** Says why a scan was thrown away, and what helps. */
export function RefusedScan({ refusal }: { readonly refusal: WedgeRefusal }) {
  const { t } = useLanguage();
  return (
    <Notice tone="warn" title={t(`wedge.refused.${refusal.code}`)}>
      {refusal.code === 'other-layout'
        ? t('wedge.likely', {
            layouts: refusal.layouts.map((layout) => t(`wedge.layout.${layout}`)).join(' / '),
          })
        : undefined}
    </Notice>
  );
}
