import type { ReactNode } from 'react';
import css from './panel.module.css';

/** A titled area of a screen. `aside` stands at the right of the title. */
export function Panel(props: {
  readonly title: string;
  readonly aside?: ReactNode;
  readonly children: ReactNode;
  /** The body scrolls and fills what height is left. */
  readonly fill?: boolean;
  /** Stays in sight below what scrolls. */
  readonly foot?: ReactNode;
  readonly className?: string | undefined;
}) {
  return (
    <section
      className={`${css['panel']} ${props.fill === true ? css['fill'] : ''} ${props.className ?? ''}`}
      aria-label={props.title}
    >
      <header className={css['head']}>
        <h2 className={css['title']}>{props.title}</h2>
        {props.aside}
      </header>
      {/* Reachable by Tab, because a region that scrolls must also scroll by keyboard. */}
      {props.fill === true ? (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: keyboards scroll only what they can reach (WCAG 2.1.1).
        <div className={css['scroll']} tabIndex={0}>
          {props.children}
        </div>
      ) : (
        <div className={css['body']}>{props.children}</div>
      )}
      {props.foot === undefined ? null : <footer className={css['foot']}>{props.foot}</footer>}
    </section>
  );
}
