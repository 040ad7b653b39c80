import { type Tone, ToneShape } from '../../kit/status-mark.tsx';
import css from './pages.module.css';

/** What a figure is called, what it comes to, and where it helps, how that is. */
export type Figure = readonly [name: string, value: string, tone?: Tone];

/** Large figures in a row, each below its name. */
export function Figures({ figures }: { readonly figures: readonly Figure[] }) {
  return (
    <dl className={css['figures']}>
      {figures.map(([name, value, tone]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            {value}
            {tone === undefined ? null : <ToneShape tone={tone} size={20} />}
          </dd>
        </div>
      ))}
    </dl>
  );
}
