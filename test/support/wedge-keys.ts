import type { Page } from 'playwright-core';

const SCANNER_GAP_MS = 5;

/**
 * Types a code the way a keyboard-mode scanner does: physical keys, Enter at the end, and the moment each key went
 * down written into the event, so that a busy machine does not make the scanner look like a person.
 */
export async function scanByWedge(page: Page, code: string): Promise<void> {
  const keys = await page.context().newCDPSession(page);
  const startMs = Date.now();
  const strokes = [...code].map((digit) => ({ code: `Digit${digit}`, key: digit, text: digit }));
  await Promise.all(
    [...strokes, { code: 'Enter', key: 'Enter', text: '\r' }].flatMap((stroke, index) => {
      const timestamp = (startMs + index * SCANNER_GAP_MS) / 1_000;
      return [
        keys.send('Input.dispatchKeyEvent', { type: 'keyDown', ...stroke, timestamp }),
        keys.send('Input.dispatchKeyEvent', {
          type: 'keyUp',
          code: stroke.code,
          key: stroke.key,
          timestamp,
        }),
      ];
    }),
  );
  await keys.detach();
}
