/** Writes one line of the shell's log. Fields never hold a name, a code, a PIN or a key. */
export type ShellLog = (
  level: 'info' | 'warn' | 'error',
  message: string,
  fields?: Readonly<Record<string, unknown>>,
) => void;

/** Timers that do not keep the program alive. */
export interface ShellTimers {
  set(delayMs: number, run: () => void): unknown;
  clear(handle: unknown): void;
}
