import { Notice } from '../../kit/notice.tsx';
import type { Tone } from '../../kit/status-mark.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import { useRegister } from './register-context.ts';
import type { ScanNote } from './register-view.ts';

const TONES: Readonly<Record<ScanNote['kind'], Tone>> = {
  payment: 'ok',
  coupon: 'ok',
  rung: 'ok',
  'unknown-article': 'warn',
  unknown: 'warn',
};

/** What the scanner brought last. Of a payment code no more than four digits are ever shown. */
export function ScanNoteLine() {
  const { t, say } = useLanguage();
  const { note } = useRegister().view;
  if (note === null) return null;
  const words = (): string => {
    switch (note.kind) {
      case 'payment':
        return note.last4 === undefined
          ? t('register.paymentCodeOld')
          : t('register.paymentCode', { digits: note.last4 });
      case 'coupon':
        return t('register.couponScanned', { code: note.code });
      case 'rung':
        return t('register.rung', { name: say(note.name) });
      case 'unknown-article':
        return t('register.unknownArticle', { code: note.code });
      case 'unknown':
        return t('register.unknownCode');
    }
  };
  return <Notice tone={TONES[note.kind]} title={words()} />;
}
