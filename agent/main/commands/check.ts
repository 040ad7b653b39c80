import type { Text } from '../../contract/index.ts';
import { both } from './io.ts';

/** One finding of `doctor` and `sync status`, as DESIGN 7 prints it. */
export interface Check {
  readonly check: string;
  readonly ok: boolean;
  readonly detail: string;
  readonly remedy?: string;
}

/** A finding; the remedy is told only where something is wrong. */
export function finding(check: string, ok: boolean, detail: string, remedy: Text): Check {
  return { check, ok, detail, ...(ok ? {} : { remedy: both(remedy) }) };
}

/** A finding as a terminal shows it. */
export function toLine({ check, ok, detail, remedy }: Check): string {
  return `${ok ? 'ok  ' : 'FAIL'} ${check}: ${detail}${remedy === undefined ? '' : `\n     -> ${remedy}`}`;
}
