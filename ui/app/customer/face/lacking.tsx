import type { Decision } from '../../../../agent/contract/index.ts';
import { Notice } from '../../../kit/notice.tsx';
import { useLanguage } from '../../i18n/use-language.ts';

/** Which proof is missing, in the member's words. */
export function Lacking(props: { readonly title: string; readonly decision: Decision }) {
  const { say } = useLanguage();
  const { stepUp, reasons } = props.decision;
  const words = stepUp.length > 0 ? stepUp : reasons;
  return (
    <Notice tone="warn" title={props.title}>
      {words.map(({ text }) => say(text)).join(' / ')}
    </Notice>
  );
}
