import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect } from 'vitest';
import type { FaceFrame } from '../../agent/contract/index.ts';
import { hasBrowser, openBrowser, SCREEN_SIZES, type TestBrowser } from '../support/browser.ts';
import {
  claimOf,
  type FaceTill,
  frameSeen,
  startFaceTill,
  threeSeen,
} from '../support/face-till.ts';
import { must } from '../support/hq-database.ts';
import { testWithProgram } from '../support/machine.ts';
import { axeFindings, clippedTexts, smallTargets } from '../support/page-checks.ts';
import { CASHIER, MANAGER, nameOf, phoneOf } from '../support/small-chain.ts';
import { openPage, type PageLanguage, signIn, WORDS } from './till-pages.ts';

/** Skipped by name where Chromium is missing, except with CI=true. */
const test = testWithProgram('chromium', 'chromium-browser', 'google-chrome');
const PICTURES = fileURLToPath(new URL('../../artefacts/screens/', import.meta.url));
const LIMIT_MS = 3 * 60_000;
const WAIT = { timeout: 20_000 };
const LOOKS = [
  ['zh-CN', '1366x768'],
  ['en', '1024x768'],
] as const;
const PASSED: FaceFrame = { kind: 'challenge', result: 'passed' };
const LATE: FaceFrame = { kind: 'challenge', result: 'timed-out' };

let till: FaceTill;
let browser: TestBrowser;
let page: Page;
const broken: string[] = [];
const zh = WORDS['zh-CN'];

beforeAll(async () => {
  if (!hasBrowser()) return;
  mkdirSync(PICTURES, { recursive: true });
  till = await startFaceTill();
  browser = await openBrowser();
  const place = { address: till.headless.address, dataDir: till.dataDir };
  page = await openPage(browser, place, '/', SCREEN_SIZES['1366x768']);
  page.on('pageerror', (error) => broken.push(error.message));
  await signIn(page, 'zh-CN', CASHIER.staffId, CASHIER.pin);
  await till.enrol(0);
  await till.enrol(1, 'chain');
}, LIMIT_MS);
afterAll(async () => {
  await browser?.close();
  await till?.close();
}, LIMIT_MS);
afterEach(async () => {
  if (till === undefined) return;
  const { session } = must(await till.headless.till.faces.watch(undefined));
  if (session !== null && session.outcome === undefined)
    must(await till.headless.till.faces.cancel(session.sessionId));
  const shown = must(await till.headless.till.pendingIdentification());
  if (shown === null) return;
  must(await till.headless.till.releaseIdentification({ kind: 'screen' }, shown.identificationId));
  // A key that is pressed before the screen knows is about a member who has gone.
  await page.getByTestId('member').waitFor({ state: 'hidden', ...WAIT });
});

const state = () => page.getByTestId('face-state');
const says = (mark: keyof typeof zh.face.mark) =>
  expect.poll(() => state().innerText(), WAIT).toContain(zh.face.mark[mark]);
const asks = (missing: keyof typeof zh.face.missing) =>
  expect.poll(() => state().innerText(), WAIT).toContain(zh.face.missing[missing]);

/** The member is claimed by card, and the screen shows them. */
async function claim(nth: number): Promise<void> {
  await claimOf(till.headless, nth);
  await page.getByTestId('member').waitFor(WAIT);
}

/** Takes a picture in both languages and looks for what no person should meet; leaves the page in Chinese. */
async function looksRight(picture: string): Promise<void> {
  for (const [language, size] of LOOKS) {
    await page.setViewportSize(SCREEN_SIZES[size]);
    await page.getByRole('region', { name: WORDS[language].face.title, exact: true }).waitFor(WAIT);
    await page.screenshot({ path: `${PICTURES}face-cashier-${picture}-${language}.png` });
    expect.soft(await axeFindings(page)).toEqual([]);
    expect.soft(await clippedTexts(page)).toEqual([]);
    expect.soft(await smallTargets(page)).toEqual([]);
    await page.keyboard.press('F10');
  }
  await page.setViewportSize(SCREEN_SIZES['1366x768']);
}

describe('the face on the cashier’s screen', () => {
  test('waits quietly, and is asked for by a key', async () => {
    await says('ready');
    await looksRight('ready');
    await page.keyboard.press('Insert');
    await says('trouble');
    await expect.poll(() => state().innerText(), WAIT).toContain('接上摄像头');
    await looksRight('no-camera');
    await page.keyboard.press('Escape');
    await says('ended');
  });

  test('a claimed member’s face is asked for by touch; stopped at once by touch', async () => {
    await claim(0);
    till.camera.wait();
    await page.getByRole('button', { name: zh.face.ask.verify }).click();
    await says('starting');
    await till.camera.begin();
    await till.camera.send(frameSeen(0), { kind: 'step', step: 'turn-left' });
    await says('looking');
    await expect.poll(() => state().innerText(), WAIT).toContain('请向左转头');
    await looksRight('looking');
    await page.getByRole('button', { name: zh.face.stop }).click();
    await says('ended');
    await expect
      .poll(() => till.headless.till.faces.watch(undefined), WAIT)
      .toMatchObject({
        value: { session: { outcome: 'ended', reason: 'cancelled' } },
      });
  });

  test('says how sure it is: movements made, or not made and what to ask for', async () => {
    await claim(0);
    till.camera.wait();
    await page.keyboard.press('Insert');
    await till.camera.begin();
    await till.camera.send(LATE, ...threeSeen(0));
    await says('doubtful');
    await asks('digits');
    await looksRight('doubtful');
    till.camera.wait();
    await page.keyboard.press('Insert');
    await till.camera.begin();
    await till.camera.send(PASSED, ...threeSeen(0));
    await says('sure');
    await looksRight('sure');
  });

  test('somebody else is refused, with what to do next, and no figure of a face', async () => {
    await claim(0);
    till.camera.wait();
    await page.keyboard.press('Insert');
    await till.camera.begin();
    await till.camera.send(PASSED, ...threeSeen(3));
    await says('refused');
    await asks('second-proof');
    await looksRight('refused');
    const { innerText, pictures } = await page.evaluate(() => ({
      innerText: document.body.innerText,
      pictures: document.querySelectorAll('[data-tone] img, video, canvas').length,
    }));
    expect(pictures).toBe(0);
    expect(innerText).not.toMatch(/distance|threshold|score|距离|阈值|得分/i);
    expect(innerText).not.toContain(nameOf(3));
  });

  test('a shortlist is nobody yet: no hand chooses, the digits of the phone do', async () => {
    till.camera.wait();
    await page.keyboard.press('Insert');
    await till.camera.begin();
    await till.camera.send(PASSED, ...threeSeen(1));
    await says('maybe');
    await asks('digits');
    const offered = page.getByRole('list', { name: zh.face.mark.maybe });
    await offered.waitFor(WAIT);
    expect(await offered.getByRole('button').count()).toBe(0);
    expect(await offered.innerText()).not.toContain(phoneOf(1).slice(-4));
    await looksRight('shortlist');
    await page.keyboard.press('F4');
    await page.keyboard.type(phoneOf(1).slice(-4), { delay: 80 });
    await page.keyboard.press('Enter');
    await says('counts');
    expect(must(await till.headless.till.pendingIdentification())?.means.sort()).toEqual([
      'face',
      'phone',
    ]);
  });

  test('a stranger stays one: nobody is named', async () => {
    till.camera.wait();
    await page.keyboard.press('Insert');
    await till.camera.begin();
    await till.camera.send(PASSED, ...threeSeen(20));
    await says('unknown');
    await asks('card-or-phone');
    await looksRight('unknown');
  });

  test('a member who is not enrolled is offered it; what proof is missing is said', async () => {
    await claim(2);
    await page.keyboard.press('Insert');
    await page.getByRole('button', { name: zh.face.enrol }).click();
    await page.getByText(zh.face.proofNeeded).waitFor(WAIT);
    await looksRight('not-enrolled');
    // A manager may vouch for it, by the key that is always for that.
    await page.keyboard.press('F3');
    const action = page.getByRole('dialog').getByRole('combobox', { name: zh.override.action });
    await expect
      .poll(() => action.inputValue(), WAIT)
      .toContain(zh.override.actions['enrol-biometric']);
    await page.keyboard.press('Escape');
    // It is said of this member alone.
    await claimOf(till.headless, 3);
    await expect.poll(() => page.getByText(zh.face.proofNeeded).count(), WAIT).toBe(0);
  });

  test('a withdrawal meanwhile takes the face out before the cashier’s eyes', async () => {
    await claim(1);
    till.camera.wait();
    await page.keyboard.press('Insert');
    await till.camera.begin();
    await till.camera.send(PASSED, ...threeSeen(1));
    await says('sure');
    await page.keyboard.press('F4');
    await page.keyboard.type(phoneOf(1), { delay: 80 });
    await page.keyboard.press('Enter');
    const { identificationId } = must(await till.headless.till.pendingIdentification()) ?? {};
    if (identificationId === undefined) throw new Error('the member is there');
    const { staffId: managerId, pin } = MANAGER;
    const action = 'withdraw-consent';
    const reason = 'the member asks for it';
    must(
      await till.headless.till.override(
        { kind: 'screen' },
        { identificationId, action, reason, managerId, pin },
      ),
    );
    const done = must(await till.headless.till.faces.withdraw({ identificationId, by: 'cashier' }));
    expect(done.outcome).toBe('withdrawn');
    await says('withdrawn');
    await looksRight('withdrawn');
  });
});

describe('faces on the manager’s board', () => {
  /** Opens the part for managers in the present tab. */
  async function manager(): Promise<Page> {
    const place = { address: till.headless.address, dataDir: till.dataDir };
    const board = await openPage(browser, place, '/manager', SCREEN_SIZES['1366x768']);
    board.on('pageerror', (error) => broken.push(error.message));
    await board.getByRole('button', { name: zh.lane.more }).click();
    await board.getByRole('button', { name: new RegExp(`· ${MANAGER.staffId}$`) }).click();
    await board.locator('input[type=password]').first().focus();
    await board.keyboard.type(MANAGER.pin, { delay: 80 });
    await board.keyboard.press('Enter');
    await board.getByRole('region', { name: zh.faceKeep.title }).waitFor(WAIT);
    return board;
  }

  test('shows counts and unsettled ends, pauses here, and destroys after a confirmation', async () => {
    const board = await manager();
    const keeping = (language: PageLanguage) =>
      board.getByRole('region', { name: WORDS[language].faceKeep.title });
    const look = async (picture: string): Promise<void> => {
      for (const [language, size] of LOOKS) {
        await board.setViewportSize(SCREEN_SIZES[size]);
        await keeping(language).waitFor(WAIT);
        await board.screenshot({
          path: `${PICTURES}face-manager-${picture}-${language}.png`,
          fullPage: true,
        });
        expect.soft(await axeFindings(board)).toEqual([]);
        expect.soft(await clippedTexts(board)).toEqual([]);
        expect.soft(await smallTargets(board)).toEqual([]);
        await board.keyboard.press('F10');
      }
      await board.setViewportSize(SCREEN_SIZES['1366x768']);
    };
    await keeping('zh-CN').getByText(zh.faceKeep.use.on).waitFor(WAIT);
    await expect.poll(() => keeping('zh-CN').innerText(), WAIT).toContain('1 / 备案上限 100,000');
    await keeping('zh-CN').getByText(zh.faceKeep.reason.withdrawn).waitFor(WAIT);
    await look('on');
    await keeping('zh-CN').getByRole('button', { name: zh.faceKeep.pause, exact: true }).click();
    await keeping('zh-CN').getByText(zh.faceKeep.use.paused, { exact: true }).waitFor(WAIT);
    expect(must(await till.headless.till.faces.watch(undefined))).toMatchObject({
      on: false,
      off: 'paused',
    });
    expect(till.headless.store.faces.count()).toBe(1);
    await look('paused');
    await keeping('zh-CN').getByRole('button', { name: zh.faceKeep.resume }).click();
    await keeping('zh-CN').getByText(zh.faceKeep.use.on).waitFor(WAIT);
    await keeping('zh-CN').getByRole('button', { name: zh.faceKeep.erase }).focus();
    await board.keyboard.press('Enter');
    const dialog = board.getByRole('dialog');
    const act = dialog.getByRole('button', { name: zh.faceKeep.sureAct });
    expect(await act.isDisabled()).toBe(true);
    await board.keyboard.press('Space');
    await expect.poll(() => act.isDisabled(), WAIT).toBe(false);
    await board.screenshot({ path: `${PICTURES}face-manager-erase-zh-CN.png` });
    expect.soft(await axeFindings(board)).toEqual([]);
    await act.click();
    await expect.poll(() => till.headless.store.faces.count(), WAIT).toBe(0);
    await keeping('zh-CN').getByText(zh.faceKeep.use.paused, { exact: true }).waitFor(WAIT);
    await look('erased');
    await board.close();
  });

  test('the cashier sees that it is switched off', async () => {
    await page.bringToFront();
    must(await till.headless.till.signIn(CASHIER.staffId as never, CASHIER.pin));
    await says('off');
    await looksRight('off');
    await page.keyboard.press('Insert');
    const { session } = must(await till.headless.till.faces.watch(undefined));
    expect(session?.outcome).not.toBeUndefined();
    expect(broken).toEqual([]);
  });
});
