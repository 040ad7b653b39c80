import type { ReactNode } from 'react';
import { useLanguage } from '../i18n/use-language.ts';
import css from './notice.module.css';
import type { Problem } from './problem.ts';
import { type Tone, ToneShape } from './status-mark.tsx';

/** A sentence of state with its shape; `children` below it says more. */
export function Notice({
  tone,
  title,
  children,
}: {
  readonly tone: Tone;
  readonly title: string;
  readonly children?: ReactNode;
}) {
  return (
    <div className={`${css['notice']} ${css[tone]}`} role={tone === 'bad' ? 'alert' : 'status'}>
      <ToneShape tone={tone} size={20} />
      <div className={css['words']}>
        <p className={css['title']}>{title}</p>
        {children === undefined ? null : <div className={css['more']}>{children}</div>}
      </div>
    </div>
  );
}

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
