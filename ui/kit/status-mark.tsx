import {
  IconAlertTriangleFilled,
  IconCircleCheckFilled,
  IconCircleDashed,
  IconHexagonFilled,
  IconInfoSquareFilled,
} from '@tabler/icons-react';
import type { ReactNode } from 'react';
import css from './status-mark.module.css';

/** How something is. Each tone has a shape and a colour of its own; the word comes from the caller. */
export type Tone = 'ok' | 'warn' | 'bad' | 'info' | 'idle';

const SHAPES = {
  ok: IconCircleCheckFilled,
  warn: IconAlertTriangleFilled,
  bad: IconHexagonFilled,
  info: IconInfoSquareFilled,
  idle: IconCircleDashed,
} as const;

/** The shape of a tone alone, for places where the word stands beside it already. */
export function ToneShape({ tone, size = 18 }: { readonly tone: Tone; readonly size?: number }) {
  const Shape = SHAPES[tone];
  return <Shape size={size} className={css[tone]} aria-hidden="true" focusable="false" />;
}

/** Shape, word and colour, so that it also reads in print, from afar and to the colour-blind. */
export function StatusMark({
  tone,
  children,
}: {
  readonly tone: Tone;
  readonly children: ReactNode;
}) {
  return (
    <span className={`${css['mark']} ${css[`${tone}Mark`]}`}>
      <ToneShape tone={tone} size={16} />
      <span>{children}</span>
    </span>
  );
}
