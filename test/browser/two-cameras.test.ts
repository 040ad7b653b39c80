import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { hasBrowser, openBrowser, type TestBrowser } from '../support/browser.ts';
import { testWithProgram } from '../support/machine.ts';
import { axeFindings, clippedTexts, smallTargets } from '../support/page-checks.ts';
import { type SceneServer, serveScenes } from '../support/scenes.ts';
import { WORDS } from './till-pages.ts';

/** Skipped by name where Chromium is missing, except with CI=true. */
const test = testWithProgram('chromium', 'chromium-browser', 'google-chrome');
const PICTURES = fileURLToPath(new URL('../../artefacts/screens/', import.meta.url));
const LANGUAGES = ['zh-CN', 'en'] as const;
const [FIRST, SECOND] = ['fake_device_0', 'fake_device_1'];

let server: SceneServer;
let browser: TestBrowser;

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

/** Opens the cashier's page, which notes the tracks that it opens and lists no camera that was pulled out. */
async function open(language: (typeof LANGUAGES)[number]) {
  const page = await browser.newPage();
  page.setDefaultTimeout(20_000);
  const broken: string[] = [];
  page.on('pageerror', ({ message }) => broken.push(message));
  await page.addInitScript(() => {
    const { mediaDevices } = navigator;
    const tracks: MediaStreamTrack[] = [];
    const pulled: string[] = [];
    const [openOne, list] = [
      mediaDevices.getUserMedia.bind(mediaDevices),
      mediaDevices.enumerateDevices.bind(mediaDevices),
    ];
    mediaDevices.getUserMedia = async (wanted) => {
      const stream = await openOne(wanted);
      tracks.push(...stream.getTracks());
      return stream;
    };
    mediaDevices.enumerateDevices = async () =>
      (await list()).filter(({ label }) => !pulled.includes(label));
    const pull = (): void => {
      const last = tracks.at(-1);
      pulled.push(last?.label ?? '');
      last?.dispatchEvent(new Event('ended'));
    };
    Object.assign(globalThis, { tracks, pull });
  });
  await page.goto(server.address('idle', { language }));
  const words = WORDS[language].camera;
  const openCamera = async (): Promise<void> => {
    await page.getByRole('button', { name: words.open }).click();
    await page.locator('[data-camera=looking]').waitFor();
  };
  return { page, broken, words, openCamera };
}
/** The name of the camera that is open, and how many are. */
const live = (page: Page): Promise<string[]> =>
  page.evaluate(
    `tracks.filter(({ readyState }) => readyState === 'live').map(({ label }) => label)`,
  );

async function looksRight(page: Page, picture: string): Promise<void> {
  await page.screenshot({ path: `${PICTURES}${picture}.png` });
  expect(await axeFindings(page)).toEqual([]);
  expect(await clippedTexts(page)).toEqual([]);
  expect(await smallTargets(page)).toEqual([]);
}

describe.each(LANGUAGES)('a till with two cameras, in %s', (language) => {
  test('reads with the one that is chosen by keyboard, now and when it is opened again', async () => {
    const { page, broken, words, openCamera } = await open(language);
    await openCamera();
    const pressed = page.locator('button[aria-pressed=true]').filter({ hasText: 'fake' });
    expect(await pressed.allTextContents()).toEqual([FIRST]);
    await page.getByRole('group', { name: words.which }).waitFor();
    const second = page.getByRole('button', { name: SECOND });
    await second.focus();
    await looksRight(page, `camera-choice-${language}`);
    await page.keyboard.press('Enter');
    await expect.poll(() => live(page)).toEqual([SECOND]);
    await expect.poll(() => pressed.allTextContents()).toEqual([SECOND]);
    // Whoever chooses by keyboard is still there.
    expect(await second.evaluate((button) => button === document.activeElement)).toBe(true);
    await page.keyboard.press('Escape');
    await second.waitFor({ state: 'detached' });
    await openCamera();
    expect(await pressed.allTextContents()).toEqual([SECOND]);
    expect(await live(page)).toEqual([SECOND]);
    expect(broken).toEqual([]);
    await page.close();
  });

  test('goes on with the other one when the chosen one is pulled out, and says so', async () => {
    const { page, broken, words, openCamera } = await open(language);
    await openCamera();
    await page.getByRole('button', { name: SECOND }).click();
    await expect.poll(() => live(page)).toEqual([SECOND]);
    await page.locator('[data-camera=looking]').waitFor();
    await page.evaluate('pull()');
    await page.getByText(words.missing.replace('{{camera}}', SECOND)).waitFor();
    await page.getByText(words.missingHint.replace('{{camera}}', FIRST)).waitFor();
    await expect.poll(() => live(page)).toEqual([FIRST]);
    await looksRight(page, `camera-missing-${language}`);
    expect(broken).toEqual([]);
    await page.close();
  });
});
