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

function cameraFlags(film: string | undefined): string[] {
  if (film === undefined) return [];
  return [
    '--use-fake-device-for-media-stream',
    '--use-fake-ui-for-media-stream',
    `--use-file-for-fake-video-capture=${film}`,
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

/** Whether there is a Chromium to test with. */
export function hasBrowser(): boolean {
  return findProgram([...PROGRAMS]) !== null;
}

/**
 * Starts Chromium; close it in `afterAll`.
 * @param options.film a YUV4MPEG2 file that it plays as its camera, which every page may use
 * @param options.anyCertificate takes every server for the one that it says it is
 */
export async function openBrowser(
  options: { readonly film?: string; readonly anyCertificate?: boolean } = {},
): Promise<TestBrowser> {
  const executablePath = findProgram([...PROGRAMS]);
  if (executablePath === null)
    throw new Error('no Chromium: install the Debian package `chromium`');
  const profile = mkdtempSync(join(tmpdir(), 'tillside-browser-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath,
    args: [...FLAGS, ...cameraFlags(options.film)],
    headless: true,
    ignoreHTTPSErrors: options.anyCertificate ?? false,
    locale: LOCALE,
    timezoneId: 'Asia/Shanghai',
    viewport: SCREEN_SIZES['1366x768'],
  });
  return {
    context,
    async newPage(size = SCREEN_SIZES['1366x768']) {
      const page = await context.newPage();
      await page.setViewportSize(size);
      return page;
    },
    async close() {
      await context.close();
      rmSync(profile, { recursive: true, force: true });
    },
  };
}
