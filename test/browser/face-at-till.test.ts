import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect } from 'vitest';
import {
  assert,
  type FacePurpose,
  type FaceSession,
  type IdentificationId,
  type StaffId,
} from '../../agent/contract/index.ts';
import type { Picture } from '../../drivers/face/embedder.ts';
import { hasBrowser, openBrowser, SCREEN_SIZES, type TestBrowser } from '../support/browser.ts';
import { FACE_SETTING } from '../support/face-desk.ts';
import { facePhoto, frameOf, jpegOf } from '../support/face-film.ts';
import { claimOf, type FaceTill, startFaceTill } from '../support/face-till.ts';
import { must } from '../support/hq-database.ts';
import { testWithProgram } from '../support/machine.ts';
import { axeFindings, clippedTexts, smallTargets } from '../support/page-checks.ts';
import { describeWithShared, hasShared } from '../support/shared.ts';
import { CASHIER, MANAGER } from '../support/small-chain.ts';
import { openPage, type PageLanguage, WORDS } from './till-pages.ts';

/** Skipped by name where Chromium is missing, except with CI=true. */
const test = testWithProgram('chromium', 'chromium-browser', 'google-chrome');
const FACES = 'data/faces';
const PICTURES = fileURLToPath(new URL('../../artefacts/screens/', import.meta.url));
const LIMIT_MS = 4 * 60_000;
const WAIT = { timeout: 90_000, interval: 100 };
const SCREEN = { kind: 'screen' } as const;
/** Of one person from three sides, as an enrolment wants them; and another photograph of the same person. */
const ME = ['Antony_Leung_0001', 'Antony_Leung_0003', 'Antony_Leung_0004'];
const ME_AGAIN = 'Antony_Leung_0002';
const STRANGER = 'Adolfo_Aguilar_Zinser_0001';
/** Frames that show one photograph; Chromium plays the film again and again. */
const FILM_FRAMES = 15;
const zh = WORDS['zh-CN'].faceOwn;

let folder: string;
let film: string;
let till: FaceTill;
let browser: TestBrowser;
let customer: Page;
let capture: Page;
const broken: string[] = [];

beforeAll(async () => {
  if (!hasBrowser() || !hasShared(FACES)) return;
  mkdirSync(PICTURES, { recursive: true });
  folder = mkdtempSync(join(tmpdir(), 'tillside-face-at-till-'));
  film = join(folder, 'film.mjpeg');
  hold(frameOf([]));
  till = await startFaceTill();
  must(await till.headless.till.signIn(CASHIER.staffId as StaffId, CASHIER.pin));
  browser = await openBrowser({ film });
  customer = await openPage(browser, placeOf(), '/customer', SCREEN_SIZES['1366x768']);
  customer.on('pageerror', (error) => broken.push(error.message));
  capture = await browser.newPage();
  capture.on('pageerror', (error) => broken.push(error.message));
  await capture.goto(
    `${till.headless.address}/capture.html#code=${till.headless.till.issueCaptureCode()}`,
  );
}, LIMIT_MS);
afterAll(async () => {
  await browser?.close();
  await till?.close();
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
}, LIMIT_MS);

const placeOf = () => ({ address: till.headless.address, dataDir: till.dataDir });

/** Holds pictures in turn before the camera that is opened next. */
function hold(...pictures: readonly Picture[]): void {
  const frames = pictures.flatMap((picture) => {
    const jpeg = jpegOf(picture);
    return Array.from({ length: FILM_FRAMES }, () => jpeg);
  });
  writeFileSync(film, Buffer.concat(frames));
}

const photo = (name: string): Picture => frameOf([facePhoto(name)]);

/** Takes a picture in both languages and looks for what no person should meet; leaves the page in Chinese. */
async function looksRight(picture: string, testId: string): Promise<void> {
  for (const [language, size] of [
    ['zh-CN', '1366x768'],
    ['en', '1024x768'],
  ] as const satisfies readonly (readonly [PageLanguage, keyof typeof SCREEN_SIZES])[]) {
    await customer.setViewportSize(SCREEN_SIZES[size]);
    await customer.getByTestId(testId).waitFor(WAIT);
    await customer.screenshot({ path: `${PICTURES}face-customer-${picture}-${language}.png` });
    expect.soft(await axeFindings(customer), picture).toEqual([]);
    expect.soft(await clippedTexts(customer), picture).toEqual([]);
    expect.soft(await smallTargets(customer), picture).toEqual([]);
    await switchLanguage();
  }
  await customer.setViewportSize(SCREEN_SIZES['1366x768']);
}

async function switchLanguage(): Promise<void> {
  await customer.getByRole('button', { name: /English|中文/ }).click();
}

async function vouch(
  identificationId: IdentificationId,
  action: 'enrol-biometric' | 'withdraw-consent',
) {
  const { staffId: managerId, pin } = MANAGER;
  const reason = 'a test knows them';
  must(
    await till.headless.till.override(SCREEN, { identificationId, action, reason, managerId, pin }),
  );
}

/** The end of the session that is open. */
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

/** The cashier asks for a face, with a picture before the camera, until the session is over. */
async function look(
  purpose: FacePurpose,
  picture: Picture,
  identificationId?: IdentificationId,
): Promise<FaceSession> {
  hold(picture);
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

describeWithShared(FACES)('A member’s face at the till, by photographs before a camera', () => {
  test(
    'is enrolled by the member’s own hand on the customer’s screen, after a proof and two choices',
    async () => {
      const identificationId = await claimOf(till.headless, 0);
      await customer.getByRole('button', { name: zh.enrol }).click();
      // A card alone is no proof that it is them; the page says what is.
      await customer.getByText(zh.proof).waitFor(WAIT);
      await vouch(identificationId, 'enrol-biometric');
      hold(...ME.map(photo));
      await customer.getByRole('button', { name: zh.enrol }).click();
      await customer.getByTestId('face-consent').waitFor(WAIT);
      await customer.getByText(FACE_SETTING.storeText['zh-CN']).waitFor(WAIT);
      const agree = customer.getByRole('button', { name: zh.agreeHint });
      expect(await agree.isDisabled()).toBe(true);
      const [store, chain] = [zh.store, new RegExp(zh.chain)].map((name) =>
        customer.getByRole('checkbox', { name }),
      );
      assert(store !== undefined && chain !== undefined, 'two choices');
      expect([await store.isChecked(), await chain.isChecked()]).toEqual([false, false]);
      await looksRight('consent', 'face-consent');
      // By keyboard alone.
      await store.focus();
      await customer.keyboard.press('Space');
      expect(await chain.isChecked()).toBe(false);
      await customer.getByRole('button', { name: zh.agree }).focus();
      await customer.keyboard.press('Enter');
      await customer.getByTestId('face-camera').waitFor(WAIT);
      await customer.screenshot({ path: `${PICTURES}face-customer-camera-zh-CN.png` });
      await customer.getByText(zh.done.enrolled).waitFor(WAIT);
      await looksRight('enrolled', 'face-done');
      await customer.getByRole('button', { name: zh.done.ok }).click();
      await customer.getByRole('button', { name: zh.own }).waitFor(WAIT);
      const [id] = till.headless.store.faces.ids();
      assert(id !== undefined, 'enrolled');
      expect(till.headless.store.faces.find(id)).toMatchObject({
        template: { scope: 'store' },
        consent: { scope: 'store', language: 'zh-CN', witnessId: CASHIER.staffId },
      });
      await release(identificationId);
    },
    LIMIT_MS,
  );

  test(
    'is recognised from another photograph in 1:1; a stranger and two faces are refused',
    async () => {
      const mine = await claimOf(till.headless, 0);
      const session = await look('verify', photo(ME_AGAIN), mine);
      // A still makes no movement: it matches, and counts little.
      expect(session).toMatchObject({ outcome: 'recognised', challenge: 'timed-out' });
      await release(mine);
      const stranger = await claimOf(till.headless, 0);
      expect(await look('verify', photo(STRANGER), stranger)).toMatchObject({
        ...{ outcome: 'refused', reason: 'no-match' },
      });
      await customer.getByText(zh.done.failed).waitFor(WAIT);
      await looksRight('refused', 'face-done');
      await customer.getByRole('button', { name: zh.done.ok }).click();
      hold(frameOf([ME[0] ?? '', STRANGER].map(facePhoto), 320));
      must(
        await till.headless.till.faces.start({
          ...{ purpose: 'verify', by: 'cashier', identificationId: stranger },
        }),
      );
      await expect
        .poll(async () => must(await till.headless.till.faces.watch(undefined)).session, WAIT)
        .toMatchObject({ fault: 'several-faces', frames: { good: 0 } });
      // The member goes without a face, by touch.
      await customer.getByRole('button', { name: zh.without }).click();
      expect(await ended()).toMatchObject({ outcome: 'ended', reason: 'cancelled' });
      await release(stranger);
    },
    LIMIT_MS,
  );

  test(
    'is not told in 1:N from a still, which makes none of the movements',
    async () => {
      expect(await look('identify', photo(ME_AGAIN))).toMatchObject({
        ...{ outcome: 'refused', reason: 'challenge' },
      });
    },
    LIMIT_MS,
  );

  test(
    'is on a shortlist in 1:N once the movements are made, and a stranger is unknown; the movements are synthetic here',
    async () => {
      // One page films: the last one that opens a session has it.
      await capture.close();
      const moving = await browser.newPage();
      // Stands in for a person who moves: the pictures are stills, the end of the challenge is changed on its way.
      await moving.addInitScript(`
        const add = Worker.prototype.addEventListener;
        Worker.prototype.addEventListener = function (kind, run, ...rest) {
          return add.call(this, kind, kind !== 'message' ? run : (event) => {
            const { data } = event;
            if (data?.kind === 'challenge') data.frame.result = 'passed';
            return run(event);
          }, ...rest);
        };
        const own = Object.getOwnPropertyDescriptor(Worker.prototype, 'onmessage');
        Object.defineProperty(Worker.prototype, 'onmessage', {
          ...own,
          set(run) {
            own.set.call(this, run && ((event) => {
              if (event.data?.kind === 'challenge') event.data.frame.result = 'passed';
              return run.call(this, event);
            }));
          },
        });`);
      await moving.goto(
        `${till.headless.address}/capture.html#code=${till.headless.till.issueCaptureCode()}`,
      );
      const found = await look('identify', photo(ME_AGAIN));
      expect(found).toMatchObject({ outcome: 'shortlist' });
      const shown = must(await till.headless.till.pendingIdentification());
      expect(shown).toMatchObject({ outcome: 'ambiguous', candidates: [{}] });
      if (shown !== null) await release(shown.identificationId);
      expect(await look('identify', photo(STRANGER))).toMatchObject({
        ...{ outcome: 'unknown', challenge: 'passed' },
      });
      await moving.close();
    },
    LIMIT_MS,
  );

  test(
    'is shown to the member as data, and withdrawn by their own hand with a receipt',
    async () => {
      const identificationId = await claimOf(till.headless, 0);
      await customer.getByRole('button', { name: zh.own }).click();
      await customer.getByText(zh.proofOwn).waitFor(WAIT);
      await customer.getByRole('button', { name: zh.data.close }).click();
      await vouch(identificationId, 'withdraw-consent');
      await customer.getByRole('button', { name: zh.own }).click();
      await customer.getByText(zh.data.store).waitFor(WAIT);
      await looksRight('own', 'face-own');
      await customer.getByRole('button', { name: zh.data.withdraw }).click();
      await customer.getByText(zh.data.sureBody).waitFor(WAIT);
      await looksRight('withdraw', 'face-own');
      await customer.getByRole('button', { name: zh.data.sureAct }).click();
      await customer.getByRole('heading', { name: zh.data.withdrawn }).waitFor(WAIT);
      await looksRight('withdrawn', 'face-own');
      expect(till.headless.store.faces.count()).toBe(0);
      await customer.getByRole('button', { name: zh.data.close }).click();
      expect(broken).toEqual([]);
    },
    LIMIT_MS,
  );
});
