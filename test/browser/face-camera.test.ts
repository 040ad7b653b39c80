import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { hasBrowser, openBrowser, SCREEN_SIZES, type TestBrowser } from '../support/browser.ts';
import { testWithProgram } from '../support/machine.ts';
import { axeFindings, clippedTexts, smallTargets } from '../support/page-checks.ts';
import { type SceneServer, serveScenes } from '../support/scenes.ts';
import { type PageLanguage, WORDS } from './till-pages.ts';

/** Skipped by name where Chromium is missing, except with CI=true. */
const test = testWithProgram('chromium', 'chromium-browser', 'google-chrome');
const PICTURES = fileURLToPath(new URL('../../artefacts/screens/', import.meta.url));
const [FIRST, SECOND] = ['fake_device_0', 'fake_device_1'];

let server: SceneServer;
let browser: TestBrowser | undefined;

beforeAll(async () => {
  if (!hasBrowser()) return;
  mkdirSync(PICTURES, { recursive: true });
  server = await serveScenes({ guarded: true });
  browser = await openBrowser({ cameras: 2 });
});
afterAll(async () => {
  await browser?.close();
  await server?.close();
});

/** The device page of a browser with two cameras, one of which can be pulled out. */
async function open(language: PageLanguage): Promise<Page> {
  if (browser === undefined) throw new Error('the browser did not start');
  const page = await browser.newPage(SCREEN_SIZES['1024x768']);
  await page.addInitScript(() => {
    const { mediaDevices } = navigator;
    const list = mediaDevices.enumerateDevices.bind(mediaDevices);
    let pulled = '';
    mediaDevices.enumerateDevices = async () =>
      (await list()).filter(({ label }) => label !== pulled);
    const pull = (name: string): void => {
      pulled = name;
      mediaDevices.dispatchEvent(new Event('devicechange'));
    };
    Object.assign(globalThis, { pull });
  });
  await page.goto(server.address('devices', { language, theme: 'light' }));
  return page;
}

const card = (page: Page) => page.locator('[data-device="face-camera"]');
async function lookAt(page: Page, name: string): Promise<void> {
  await card(page).scrollIntoViewIfNeeded();
  await page.screenshot({ path: `${PICTURES}${name}-1024x768.png` });
  expect(await axeFindings(page)).toEqual([]);
  expect(await clippedTexts(page)).toEqual([]);
  expect(await smallTargets(page)).toEqual([]);
}

describe.each(['zh-CN', 'en'] as const)(
  'the camera for faces on the device page in %s',
  (language) => {
    const words = WORDS[language].faceCamera;

    test('is chosen by keyboard and kept; when it is gone the page says so and what to do', async () => {
      const page = await open(language);
      const broken: string[] = [];
      page.on('pageerror', ({ message }) => broken.push(message));
      await card(page).waitFor();
      const show = card(page).getByRole('button', { name: words.name });
      const second = card(page).getByRole('button', { name: SECOND });
      // A browser that knows this page tells the names at once.
      await show.or(second).waitFor();
      if (await show.isVisible()) await show.click();
      await second.waitFor();
      await second.focus();
      await page.keyboard.press('Enter');
      await expect.poll(() => second.getAttribute('aria-pressed')).toBe('true');
      await lookAt(page, `face-camera-${language}`);
      await page.evaluate(
        (name) => (globalThis as never as { pull(n: string): void }).pull(name),
        SECOND,
      );
      await card(page).getByText(words.goneHint).waitFor();
      expect(await card(page).innerText()).toContain(SECOND);
      await lookAt(page, `face-camera-gone-${language}`);
      await card(page).getByRole('button', { name: FIRST }).click();
      await card(page).getByText(words.goneHint).waitFor({ state: 'detached' });
      const any = card(page).getByRole('button', { name: words.any });
      await any.click();
      await expect.poll(() => any.getAttribute('aria-pressed')).toBe('true');
      expect(broken).toEqual([]);
      await page.close();
    });
  },
);
