import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { findProgram } from '../../scripts/machine-needs.ts';

const PROGRAMS = ['chromium', 'chromium-browser', 'google-chrome'] as const;

/** A browser asks nobody anything while it is tested. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

function cameraFlags({ film, cameras }: BrowserOptions): string[] {
  if (film === undefined && cameras === undefined) return [];
  return [
    `--use-fake-device-for-media-stream=device-count=${cameras ?? 1}`,
    '--use-fake-ui-for-media-stream',
    ...(film === undefined ? [] : [`--use-file-for-fake-video-capture=${film}`]),
  ];
}

/** The screens of tills: small and smaller, and what a shopper may see on a larger one. */
export const SCREEN_SIZES = {
  '1366x768': { width: 1366, height: 768 },
  '1024x768': { width: 1024, height: 768 },
  '1920x1080': { width: 1920, height: 1080 },
} as const;

/** The language that a page tells its browser; the till's own choice does not depend on it. */
const LOCALE = 'zh-CN';

/** A Chromium of its own, with a profile that is gone when it closes. */
export interface TestBrowser {
  readonly context: BrowserContext;
  /** A fresh tab of the given size. */
  newPage(size?: { readonly width: number; readonly height: number }): Promise<Page>;
  close(): Promise<void>;
}

interface BrowserOptions {
  readonly film?: string;
  readonly cameras?: number;
  readonly anyCertificate?: boolean;
}

/** Whether there is a Chromium to test with. */
export function hasBrowser(): boolean {
  return findProgram([...PROGRAMS]) !== null;
}

/**
 * A tab in a window of its own. Of tabs in one window Chromium draws only the first at full pace, and all others once a
 * second after a while: each click waits for two frames.
 */
async function openWindow(context: BrowserContext): Promise<Page> {
  const session = await context.browser()?.newBrowserCDPSession();
  if (session === undefined) return context.newPage();
  const opened = context.waitForEvent('page');
  await session.send('Target.createTarget', { url: 'about:blank', newWindow: true });
  await session.detach();
  return opened;
}

/**
 * Starts Chromium; close it in `afterAll`.
 * @param options.film a YUV4MPEG2 file that it plays as its camera, which every page may use
 * @param options.cameras how many it has, named `fake_device_0` and on; without a film they show a pattern
 * @param options.anyCertificate takes every server for the one that it says it is
 */
export async function openBrowser(options: BrowserOptions = {}): Promise<TestBrowser> {
  const executablePath = findProgram([...PROGRAMS]);
  if (executablePath === null)
    throw new Error('no Chromium: install the Debian package `chromium`');
  const profile = mkdtempSync(join(tmpdir(), 'tillside-browser-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath,
    args: [...FLAGS, ...cameraFlags(options)],
    headless: true,
    ignoreHTTPSErrors: options.anyCertificate ?? false,
    locale: LOCALE,
    timezoneId: 'Asia/Shanghai',
    viewport: SCREEN_SIZES['1366x768'],
  });
  return {
    context,
    async newPage(size = SCREEN_SIZES['1366x768']) {
      const page = await openWindow(context);
      await page.setViewportSize(size);
      return page;
    },
    async close() {
      await context.close();
      rmSync(profile, { recursive: true, force: true });
    },
  };
}
