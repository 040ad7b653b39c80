import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import {
  assert,
  type FacePurpose,
  type FaceSession,
  type IdentificationId,
  type StaffId,
} from '../../agent/contract/index.ts';
import { hasBrowser, openBrowser, SCREEN_SIZES, type TestBrowser } from '../support/browser.ts';
import { claimOf, type FaceTill, startFaceTill } from '../support/face-till.ts';
import { must } from '../support/hq-database.ts';
import { testWithProgram } from '../support/machine.ts';
import { axeFindings, clippedTexts, smallTargets } from '../support/page-checks.ts';
import { CASHIER, MANAGER } from '../support/small-chain.ts';
import { openPage, type PageLanguage, WORDS } from './till-pages.ts';

/** Skipped by name where Chromium is missing, except with CI=true. */
const test = testWithProgram('chromium', 'chromium-browser', 'google-chrome');
const PICTURES = fileURLToPath(new URL('../../artefacts/screens/', import.meta.url));
const LIMIT_MS = 4 * 60_000;
const WAIT = { timeout: 90_000, interval: 100 };
const SCREEN = { kind: 'screen' } as const;
const zh = WORDS['zh-CN'];
const [A, B] = ['A', 'B'].map((letter) => zh.faceSim.person.replace('{{letter}}', letter));

let till: FaceTill;
let browser: TestBrowser;
let customer: Page;
let camera: Page;
const broken: string[] = [];

beforeAll(async () => {
  if (!hasBrowser()) return;
  mkdirSync(PICTURES, { recursive: true });
  till = await startFaceTill({ isCameraSimulated: true });
  must(await till.headless.till.signIn(CASHIER.staffId as StaffId, CASHIER.pin));
  browser = await openBrowser();
  const place = { address: till.headless.address, dataDir: till.dataDir };
  customer = await openPage(browser, place, '/customer', SCREEN_SIZES['1366x768']);
  camera = await browser.newPage();
  for (const page of [customer, camera])
    page.on('pageerror', ({ message }) => broken.push(message));
  await camera.setViewportSize(SCREEN_SIZES['1366x768']);
  await camera.goto(till.headless.captureLink());
  await camera.getByText(zh.faceSim.title).waitFor(WAIT);
}, LIMIT_MS);
afterAll(async () => {
  await browser?.close();
  await till?.close();
}, LIMIT_MS);

async function looksRight(language: PageLanguage): Promise<void> {
  await camera.screenshot({ path: `${PICTURES}sim-camera-${language}.png`, fullPage: true });
  expect.soft(await axeFindings(camera)).toEqual([]);
  expect.soft(await clippedTexts(camera)).toEqual([]);
  expect.soft(await smallTargets(camera)).toEqual([]);
}

async function stands(who: string | undefined): Promise<void> {
  await camera.getByText(who ?? '', { exact: true }).click();
}

async function ended(): Promise<FaceSession> {
  let session: FaceSession | null = null;
  await expect
    .poll(async () => {
      session = must(await till.headless.till.faces.watch(undefined)).session;
      return session?.outcome;
    }, WAIT)
    .toBeDefined();
  assert(session !== null, 'a session has ended');
  return session;
}

async function look(purpose: FacePurpose, identificationId?: IdentificationId) {
  const started = must(
    await till.headless.till.faces.start({
      ...{ purpose, by: 'cashier' },
      ...(identificationId === undefined ? {} : { identificationId }),
    }),
  );
  assert(started.outcome === 'started', 'started');
  return ended();
}

async function release(identificationId: IdentificationId): Promise<void> {
  must(await till.headless.till.releaseIdentification(SCREEN, identificationId));
}

describe('The simulated camera of a demonstration', () => {
  test(
    'shows a drawn person, who enrols by the customer’s screen, looking about as they are asked to',
    async () => {
      const identificationId = await claimOf(till.headless, 0);
      const { staffId: managerId, pin } = MANAGER;
      const vouched = { identificationId, managerId, pin, reason: 'a demonstration' };
      must(await till.headless.till.override(SCREEN, { ...vouched, action: 'enrol-biometric' }));
      await stands(A);
      await customer.getByRole('button', { name: zh.faceOwn.enrol }).click();
      await customer.getByRole('checkbox', { name: zh.faceOwn.store }).click();
      await customer.getByRole('button', { name: zh.faceOwn.agree }).click();
      await camera.locator('video').waitFor(WAIT);
      await camera.waitForTimeout(1_500);
      await looksRight('zh-CN');
      await customer.getByText(zh.faceOwn.done.enrolled).waitFor(WAIT);
      await customer.getByRole('button', { name: zh.faceOwn.done.ok }).click();
      expect(till.headless.store.faces.count()).toBe(1);
      await release(identificationId);
    },
    LIMIT_MS,
  );

  test(
    'the same person is recognised, and the movements that are asked for are seen in the picture',
    async () => {
      const mine = await claimOf(till.headless, 0);
      expect(await look('verify', mine)).toMatchObject({
        ...{ outcome: 'recognised', challenge: 'passed' },
      });
      await release(mine);
      expect(await look('identify')).toMatchObject({ outcome: 'shortlist', challenge: 'passed' });
      const shown = must(await till.headless.till.pendingIdentification());
      if (shown !== null) await release(shown.identificationId);
    },
    LIMIT_MS,
  );

  test(
    'somebody else is refused; two people, nobody and a camera that is not there are said',
    async () => {
      const claimed = await claimOf(till.headless, 0);
      await stands(B);
      expect(await look('verify', claimed)).toMatchObject({ outcome: 'refused' });
      const seen = async (what: object): Promise<void> => {
        must(
          await till.headless.till.faces.start({
            ...{ purpose: 'verify', by: 'cashier', identificationId: claimed },
          }),
        );
        await expect
          .poll(async () => must(await till.headless.till.faces.watch(undefined)).session, WAIT)
          .toMatchObject(what);
        const { session } = must(await till.headless.till.faces.watch(undefined));
        assert(session !== null, 'it is open');
        must(till.headless.till.faces.cancel(session.sessionId));
      };
      await stands(zh.faceSim.scene.two);
      await seen({ fault: 'several-faces' });
      await stands(zh.faceSim.scene.nobody);
      await seen({ fault: 'no-face' });
      await stands(zh.faceSim.conditions.absent);
      await seen({ trouble: 'absent' });
      await release(claimed);
      // A page of a till shares the language of its screens and reads it when it is opened.
      await camera.close();
      camera = await browser.newPage();
      await camera.addInitScript(`localStorage.setItem('tillside.language', 'en')`);
      await camera.setViewportSize(SCREEN_SIZES['1024x768']);
      await camera.goto(till.headless.captureLink());
      await camera.getByText(WORDS.en.faceSim.title).waitFor(WAIT);
      await looksRight('en');
      expect(broken).toEqual([]);
    },
    LIMIT_MS,
  );
});
