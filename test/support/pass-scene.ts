import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import type { MemberId } from '../../agent/contract/ids.ts';
import type { PassCode } from '../../sync/protocol/pass.ts';
import { WORDS, type Word } from '../../ui/pass/words.ts';
import type { TestBrowser } from './browser.ts';
import { askHq, joinTill, openSession, startTestHq, type TestHq } from './hq.ts';
import { testMember } from './ledger.ts';
import { axeFindings, clippedTexts, smallTargets } from './page-checks.ts';
import { TEST_NOW_MS } from './store.ts';

export const PICTURES = fileURLToPath(new URL('../../artefacts/screens/', import.meta.url));
const PHONE = { width: 390, height: 844 };
export const MEMBER = 'm-pass-1';

/** A headquarters with one member, a till that asks it for codes, and a phone that it serves the page to. */
export interface PassScene {
  readonly hq: TestHq;
  /** HQ's clock. */
  readonly clock: { nowMs: number };
  code(): Promise<PassCode>;
  /** A tab of a phone whose clock is `aheadMs` ahead of HQ's. */
  phone(aheadMs?: number): Promise<Page>;
  /** What went wrong in any tab, and every request that left the page's own server. */
  readonly faults: string[];
}

/** @param passFolder the built page */
export async function openPassScene(browser: TestBrowser, passFolder: string): Promise<PassScene> {
  const clock = { nowMs: TEST_NOW_MS };
  const hq = await startTestHq({
    tls: 'http',
    passFolder,
    nowMs: () => clock.nowMs,
  });
  const faults: string[] = [];
  const body = testMember(1, {
    memberId: MEMBER as MemberId,
    name: '王小明',
    tier: 'gold',
    entitlements: [{ kind: 'priority-lane' }, { kind: 'parking', validUntil: '2027-12-31' }],
  });
  const { db } = hq.deps;
  await db.query('INSERT INTO members (member_id, body) VALUES ($1, $2)', [
    MEMBER,
    JSON.stringify(body),
  ]);
  await db.query("INSERT INTO member_scopes VALUES ($1, 's1', 'home', 0)", [MEMBER]);
  const lot = { lotId: 'l1', points: 1_280, earnedAt: '2026-01-01T00:00:00.000Z', source: 'test' };
  await db.query('INSERT INTO point_accounts (member_id, body) VALUES ($1, $2)', [
    MEMBER,
    JSON.stringify({
      memberId: MEMBER,
      lots: [{ ...lot, channel: 'store', bucket: 'base' }],
      booked: {},
    }),
  ]);
  const { till } = await joinTill(hq, 'till-1');
  const scene: PassScene = {
    hq,
    clock,
    faults,
    async code() {
      const { token } = (await openSession(hq, till)).body;
      const answer = await askHq(hq, '/v1/passes/codes', { token, body: { memberId: MEMBER } });
      expect(answer.status).toBe(200);
      return answer.body;
    },
    async phone(aheadMs = 0) {
      const tab = await browser.newPage(PHONE);
      tab.setDefaultTimeout(15_000);
      tab.on('pageerror', (error) => faults.push(error.message));
      tab.on('console', (line) => {
        if (/Content Security Policy/i.test(line.text())) faults.push(line.text());
      });
      tab.on('request', (request) => {
        if (!request.url().startsWith(hq.url)) faults.push(request.url());
      });
      await tab.clock.install({ time: clock.nowMs + aheadMs });
      return tab;
    },
  };
  return scene;
}

/** A sentence of the page. */
export const say = (
  word: Word,
  values: Record<string, string> = {},
  language: 'zh-CN' | 'en' = 'zh-CN',
) => WORDS[word][language].replaceAll(/\{(\w+)\}/g, (_, name: string) => values[name] ?? '');
export const button = (tab: Page, word: Word, language: 'zh-CN' | 'en' = 'zh-CN') =>
  tab.getByRole('button', { name: say(word, {}, language), exact: true });

/** Links a phone as its member does. */
export async function link(tab: Page, { url }: PassCode): Promise<void> {
  await tab.goto(url);
  await button(tab, 'link').click();
  await shown(tab);
}

/** The text of the code that the page shows, another one than `before`. */
export async function shown(tab: Page, before = ''): Promise<string> {
  const canvas = tab.locator('#qr');
  await expect
    .poll(() => canvas.getAttribute('data-code', { timeout: 15_000 }), { timeout: 15_000 })
    .toSatisfy((text: string | null) => text !== null && text !== before);
  return (await canvas.getAttribute('data-code')) ?? '';
}

/** Takes a picture, and looks for what no person should meet. */
export async function looksRight(tab: Page, picture: string): Promise<void> {
  await tab.evaluate(() => document.fonts.ready);
  await tab.screenshot({ path: `${PICTURES}pass-${picture}.png`, fullPage: true });
  expect.soft(await axeFindings(tab)).toEqual([]);
  expect.soft(await clippedTexts(tab)).toEqual([]);
  expect.soft(await smallTargets(tab)).toEqual([]);
}
