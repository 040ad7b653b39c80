import type { Text } from '../../agent/contract/text.ts';
import { useLanguageChoice } from './language.ts';
import { Notice } from './notice.tsx';

/** What went wrong and what to do next, as a till or headquarters says it. */
export interface Trouble {
  readonly message: Text;
  readonly hint: Text;
}

/** A failed call: what happened and what to do next. Nothing where there is no problem. */
export function ProblemNotice({ problem }: { readonly problem: Trouble | null }) {
  const { say } = useLanguageChoice();
  if (problem === null) return null;
  return (
    <Notice tone="bad" title={say(problem.message)}>
      {say(problem.hint)}
    </Notice>
  );
}
