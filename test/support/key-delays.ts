import { setTimeout } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { SCANNER_GAP_MS } from './wedge-keys.ts';

/** Scans typed in one go, and the keys of each with its end. */
const SCANS = 12;
const CODE = '6901234567892';
const KEYS = SCANS * (CODE.length + 1);
const LIMIT_MS = 60_000;
const POLL_MS = 20;

/**
 * Types scans into the page as a keyboard scanner does. How long each key took from its event to the picture that shows
 * it, in milliseconds, ascending; the page notes them in `keyDelays`.
 */
export async function keyDelays(page: Page): Promise<number[]> {
  await page.evaluate('void (keyDelays.length = 0)');
  await page.locator('input').focus();
  for (let scan = 0; scan < SCANS; scan += 1) {
    await page.keyboard.type(CODE, { delay: SCANNER_GAP_MS });
    await page.keyboard.press('Enter');
  }
  await until(page, `keyDelays.length === ${KEYS}`);
  const delays: number[] = await page.evaluate('keyDelays');
  return delays.toSorted((a, b) => a - b);
}

/** Waits until an expression of the page holds. The page's content policy lets the browser not wait for it by itself. */
export async function until(page: Page, expression: string): Promise<void> {
  const end = performance.now() + LIMIT_MS;
  while (!(await page.evaluate(expression))) {
    if (performance.now() > end) throw new Error(`not within ${LIMIT_MS} ms: ${expression}`);
    await setTimeout(POLL_MS);
  }
}

/** How many frames the worker has told, and when that was on the page's clock. */
export const framesTold = (page: Page): Promise<[number, number]> =>
  page.evaluate<[number, number]>('[posted.length, performance.now()]');

/** The value that a part of an ascending list does not exceed. */
export const share = (sorted: readonly number[], part: number): number =>
  sorted[Math.floor((sorted.length - 1) * part)] ?? 0;
