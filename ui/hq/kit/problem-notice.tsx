import { Notice } from '../../kit/notice.tsx';
import type { Problem } from '../hq-link.ts';
import { useLanguage } from '../i18n/use-language.ts';

/** A failed call: what happened and what to do next. Nothing where there is no problem. */
export function ProblemNotice({ problem }: { readonly problem: Problem | null }) {
  const { say } = useLanguage();
  if (problem === null) return null;
  return (
    <Notice tone="bad" title={say(problem.message)}>
      {say(problem.hint)}
    </Notice>
  );
}
