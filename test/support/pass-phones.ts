import { mkdirSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { hasBrowser, openBrowser, type TestBrowser } from './browser.ts';
import { HQ_START_LIMIT_MS } from './hq.ts';
import { buildPassPage } from './pass-page.ts';
import { openPassScene, type PassScene, PICTURES } from './pass-scene.ts';

/** One headquarters and one browser for the tests of a file, each of which has a phone that nobody has used. */
export interface PassPhones {
  /** Only within tests. */
  readonly scene: PassScene;
  /** Where headquarters serves the page of passes. */
  address(): string;
}

/** Sets that up around the tests of the file that calls it, and clears it away. */
export function passPhones(): PassPhones {
  let browser: TestBrowser;
  let built: Awaited<ReturnType<typeof buildPassPage>>;
  let scene: PassScene;

  beforeAll(async () => {
    if (!hasBrowser()) return;
    mkdirSync(PICTURES, { recursive: true });
    [built, browser] = await Promise.all([buildPassPage(), openBrowser()]);
    scene = await openPassScene(browser, built.folder);
  }, HQ_START_LIMIT_MS);
  afterAll(async () => {
    await browser?.close();
    await scene?.hq.close();
    built?.remove();
  }, HQ_START_LIMIT_MS);
  afterEach(async () => {
    if (!hasBrowser()) return;
    const last = await browser.newPage();
    const session = await browser.context.newCDPSession(last);
    await session.send('Storage.clearDataForOrigin', { origin: scene.hq.url, storageTypes: 'all' });
    const others = browser.context.pages().filter((tab) => tab !== last);
    await Promise.all(others.map((tab) => tab.close()));
    await scene.hq.deps.db.query('DELETE FROM pass_keys');
  });
  return {
    get scene() {
      return scene;
    },
    address: () => `${scene.hq.url}/pass/`,
  };
}

/** The text of the code on show. */
export const qrText = (tab: Page): Promise<string | null> =>
  tab.locator('#qr').getAttribute('data-code');

/** The member looks away from the page, does something, and comes back to it. */
export async function away(
  tab: Page,
  meanwhile: () => Promise<void> = async () => {},
): Promise<void> {
  const turn = (hidden: boolean) =>
    tab.evaluate((is) => {
      Object.defineProperty(document, 'hidden', { configurable: true, get: () => is });
      document.dispatchEvent(new Event('visibilitychange'));
    }, hidden);
  await turn(true);
  await meanwhile();
  await turn(false);
}
