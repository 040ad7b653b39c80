import type { ReactNode } from 'react';
import css from './notice.module.css';
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
