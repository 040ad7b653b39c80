import { fileURLToPath } from 'node:url';

const PRELOAD = fileURLToPath(new URL('./shift-clock.ts', import.meta.url));

/** Starts a program whose clock is wrong by so much; `start` spawns it before it first waits. */
export function withWrongClock<T>(shiftMs: number, start: () => Promise<T>): Promise<T> {
  const before = process.env['NODE_OPTIONS'];
  process.env['NODE_OPTIONS'] = `${before ?? ''} --import=${PRELOAD}`;
  process.env['TILLSIDE_TEST_CLOCK_SHIFT_MS'] = String(shiftMs);
  try {
    return start();
  } finally {
    delete process.env['TILLSIDE_TEST_CLOCK_SHIFT_MS'];
    if (before === undefined) delete process.env['NODE_OPTIONS'];
    else process.env['NODE_OPTIONS'] = before;
  }
}
