import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { en } from '../../ui/hq/i18n/en.ts';
import { zhCN } from '../../ui/hq/i18n/zh-cn.ts';
import { TILLS_PAGE_ROWS } from '../../ui/hq/pages/till-table.tsx';
import { CHECK_OUTCOMES } from '../../ui/kit/check-words.ts';
import { KIT_WORDS } from '../../ui/kit/words.ts';
import { hasBrowser, openBrowser, SCREEN_SIZES, type TestBrowser } from '../support/browser.ts';
import { startConsoleHq } from '../support/console.ts';
import { HQ_START_LIMIT_MS, type TestHq } from '../support/hq.ts';
import { testWithProgram } from '../support/machine.ts';
import { axeFindings, clippedTexts, smallTargets } from '../support/page-checks.ts';

/** Skipped by name where Chromium is missing, except with CI=true. */
const test = testWithProgram('chromium', 'chromium-browser', 'google-chrome');
const PICTURES = fileURLToPath(new URL('../../artefacts/screens/', import.meta.url));
const WORDS = { 'zh-CN': zhCN, en } as const;
type Language = keyof typeof WORDS;
const zh = zhCN;

const TILLS = 1_000;
/** Its rows differed and were put right. */
const DRIFTED = 'till-0007';
/** Of an earlier version, so it compares nothing. */
const OLD = 'till-0003';

/** What a fleet looks like after some weeks: most tills whole, some late, one that differed, one that differs still. */
const FLEET = `
  INSERT INTO tills (till_id, store_id, state, incarnation, protocol, version, registered_at_ms, last_seen_ms,
      cursor_pos, clock_offset_ms, waiting, oldest_waiting_ms)
    SELECT 'till-' || lpad(n::text, 4, '0'), CASE WHEN n % 2 = 0 THEN 's1' ELSE 's2' END,
      CASE WHEN n = 2 THEN 'revoked' WHEN n = 4 THEN 'copied' ELSE 'registered' END,
      'incarnation-1', CASE WHEN n = 3 THEN 3 ELSE 4 END, '0.9.0', t.now - 40 * t.day,
      CASE WHEN n % 50 = 0 THEN t.now - 3 * t.day ELSE t.now + 3600000 END, 0,
      CASE WHEN n = 9 THEN 400000 ELSE 120 END, CASE WHEN n = 3 THEN NULL WHEN n % 50 = 0 THEN 18 ELSE 0 END,
      CASE WHEN n % 50 = 0 THEN t.now - 3 * t.day END
    FROM generate_series(1, ${TILLS}) AS n, LATERAL
      (SELECT (extract(epoch FROM now()) * 1000)::bigint AS now, 86400000::bigint AS day) AS t;
  INSERT INTO till_checks (till_id, kind, outcome, started_at_ms, ended_at_ms, received_at_ms, drift, record)
    SELECT c.till_id, c.kind, c.outcome, c.ended - 4000, c.ended, c.ended, c.drift, json_build_object(
      'kind', c.kind, 'why', CASE WHEN c.drift > 0 THEN 'root' ELSE 'daily' END,
      'startedAt', to_char(to_timestamp((c.ended - 4000) / 1000.0) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
      'endedAt', to_char(to_timestamp(c.ended / 1000.0) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
      'outcome', c.outcome, 'rows', CASE WHEN c.kind = 'ledger' THEN 4812 ELSE 102400 END,
      'missing', c.drift / 3, 'extra', 0, 'stale', c.drift - c.drift / 3,
      'damaged', 0, 'mended', 0, 'repaired', CASE WHEN c.outcome = 'repaired' THEN c.drift ELSE 0 END,
      'bytes', 412, 'roundTrips', 1, 'failure', NULL)
    FROM (
      SELECT till_id, kind, d, t.now - d * t.day - CASE kind WHEN 'walk' THEN 7200000 WHEN 'scrub' THEN 9000000 ELSE 5400000 END AS ended,
        CASE WHEN kind = 'walk' AND till_id = '${DRIFTED}' AND d IN (2, 9) THEN 'repaired'
          WHEN kind = 'walk' AND till_id = 'till-0011' AND d = 0 THEN 'stays' ELSE 'clean' END AS outcome,
        CASE WHEN kind = 'walk' AND till_id = '${DRIFTED}' AND d IN (2, 9) THEN 3
          WHEN kind = 'walk' AND till_id = 'till-0011' AND d = 0 THEN 1 ELSE 0 END AS drift
      FROM tills, unnest(ARRAY['scrub', 'walk', 'ledger']) AS kind, generate_series(0, 9) AS d, LATERAL
        (SELECT (extract(epoch FROM now()) * 1000)::bigint AS now, 86400000::bigint AS day) AS t
      WHERE till_id <> '${OLD}' AND (till_id = '${DRIFTED}' OR d = CASE WHEN right(till_id, 2) = '50' THEN 3 ELSE 0 END)
      ORDER BY d DESC, ended
    ) AS c;
  INSERT INTO alarms (at_ms, code, till_id, detail) VALUES
    ((extract(epoch FROM now()) * 1000)::bigint - 9000000, 'drift-stays', 'till-0011', 'walk: 1 of 102400 rows');
`;

let hq: TestHq;
let browser: TestBrowser;
let page: Page;
const broken: string[] = [];

beforeAll(async () => {
  if (!hasBrowser()) return;
  mkdirSync(PICTURES, { recursive: true });
  hq = await startConsoleHq();
  await hq.deps.db.script(FLEET);
  browser = await openBrowser();
  page = await browser.newPage();
  page.setDefaultTimeout(15_000);
  page.on('pageerror', (error) => broken.push(error.message));
  await page.goto(await hq.consoleLink());
  await page.getByRole('navigation').first().waitFor();
}, HQ_START_LIMIT_MS);
afterAll(async () => {
  await browser?.close();
  await hq?.close();
}, HQ_START_LIMIT_MS);

async function goTo(hash: string): Promise<void> {
  await page.evaluate((to) => {
    location.hash = to;
  }, hash);
}

/** Puts the page in a language and a scheme by its own switches. */
async function show(language: Language, scheme: 'light' | 'dark'): Promise<void> {
  if ((await page.evaluate(() => document.documentElement.lang)) !== language) {
    const name = KIT_WORDS.switchLanguage[language === 'en' ? 'zh-CN' : 'en'];
    await page.getByRole('button', { name, exact: true }).click();
  }
  const toScheme = KIT_WORDS[scheme === 'dark' ? 'toDark' : 'toLight'][language];
  const button = page.getByRole('button', { name: toScheme });
  if ((await button.count()) > 0) await button.click();
}

const LOOKS = [
  { language: 'en', scheme: 'dark', size: '1024x768' },
  { language: 'zh-CN', scheme: 'light', size: '1366x768' },
] as const;

/** Looks at what stands there in both languages, schemes and sizes; leaves it in Chinese. */
async function looksRight(picture: string): Promise<void> {
  for (const { language, scheme, size } of LOOKS) {
    await page.setViewportSize(SCREEN_SIZES[size]);
    await show(language, scheme);
    await page.screenshot({ path: `${PICTURES}hq-${picture}-${language}-${scheme}.png` });
    expect.soft(await axeFindings(page)).toEqual([]);
    expect.soft(await clippedTexts(page)).toEqual([]);
    expect.soft(await smallTargets(page)).toEqual([]);
  }
}

/** A list of a thousand takes a while on a busy machine. */
const soon = <T>(ask: () => T) => expect.poll(ask, { timeout: 15_000 });

const rows = () => page.locator('tr[data-till]');
const firstRow = async (): Promise<string> => (await rows().first().textContent()) ?? '';
const filter = (name: keyof typeof zh.tills.filters) =>
  page.getByText(new RegExp(`^${zh.tills.filters[name]} [\\d,]+$`));
const sortBy = (name: keyof typeof zh.tills.columns) =>
  page.getByRole('columnheader', { name: zh.tills.columns[name] }).getByRole('button').click();

describe('the fleet of a thousand tills', () => {
  test('is shown page by page with its totals on top', async () => {
    await goTo('#/tills');
    await soon(() => rows().count()).toBe(TILLS_PAGE_ROWS);
    await page.getByText('第 1–50 台，共 1,000 台').waitFor();
    const totals = (await page.locator('main dl').first().textContent()) ?? '';
    expect(totals).toContain(`${zh.tills.totals.online}978 / 998`);
    expect(totals).toContain(`${zh.tills.totals.waiting}360`);
    expect(totals).toContain(`${zh.tills.totals.drift}7`);
    await looksRight('fleet');
    await page.getByRole('button', { name: zh.tills.next }).click();
    await page.getByText('第 51–100 台，共 1,000 台').waitFor();
    expect(await page.evaluate(() => document.querySelectorAll('tr[data-till]').length)).toBe(50);
  });

  test('shows what differed, what was not checked for two days, and what needs a look', async () => {
    await filter('drift').click();
    await soon(() => rows().count()).toBe(2);
    const drifted = rows().filter({ hasText: DRIFTED });
    expect(await drifted.textContent()).toContain(CHECK_OUTCOMES.clean.name['zh-CN']);
    const stays = rows().filter({ hasText: 'till-0011' });
    expect(await stays.textContent()).toContain(CHECK_OUTCOMES.stays.name['zh-CN']);
    await filter('unchecked').click();
    // Ten whose last check is three days old, and the one that does none.
    await soon(() => rows().count()).toBe(11);
    expect(await rows().filter({ hasText: OLD }).textContent()).toContain(zh.tills.tooOld);
    await filter('trouble').click();
    // Those, ten more that are not heard, a copied one, a clock that is off and the one that differs.
    await soon(() => rows().count()).toBe(24);
    await looksRight('fleet-trouble');
    await filter('all').click();
    await page.getByLabel(zh.tills.filter).fill(zh.tills.revoked);
    await soon(() => rows().count()).toBe(1);
    await page.getByLabel(zh.tills.filter).fill('');
  });

  test('is put in order by the head of a column, and back by the same', async () => {
    await sortBy('drift');
    await soon(firstRow).toContain(DRIFTED);
    await sortBy('up');
    await soon(firstRow).toContain('18');
    await sortBy('till');
    await soon(firstRow).toContain('till-0001');
    const head = page.getByRole('columnheader', { name: zh.tills.columns.till });
    expect(await head.getAttribute('aria-sort')).toBe('ascending');
    await head.getByRole('button').press('Enter');
    await soon(firstRow).toContain('till-1000');
    expect(await head.getAttribute('aria-sort')).toBe('descending');
  });

  test('has a page for each till with its checks, the latest first, and the days that had one', async () => {
    await page.getByLabel(zh.tills.filter).fill(DRIFTED);
    await page.getByRole('link', { name: DRIFTED }).click();
    const checks = page.locator('tr[data-check]');
    await soon(() => checks.count()).toBe(30);
    const found = checks.filter({ hasText: CHECK_OUTCOMES.repaired.name['zh-CN'] });
    expect(await found.count()).toBe(2);
    expect(await found.first().textContent()).toContain(
      '102,400 条中有 3 条有差异（缺少 1，过时 2），按总部的内容改正了 3 条',
    );
    expect(await page.locator('[data-day]').count()).toBe(30);
    await looksRight('till');
    await page.goBack();
    await soon(() => rows().count()).toBeGreaterThan(0);
  });

  test('says of a till too old for checks what to do, shows alarms at theirs, and refuses one that is none', async () => {
    await goTo(`#/tills/${OLD}`);
    await page.getByText(zh.till.tooOldHint).waitFor();
    await looksRight('till-too-old');
    await goTo('#/tills/till-0011');
    await page.getByText('收银机上修复过的数据又不同了').waitFor();
    await looksRight('till-stays');
    await goTo('#/tills/nobody');
    await page.getByRole('alert').first().waitFor();
    await goTo('#/tills/%E0');
    await soon(() => rows().count()).toBe(TILLS_PAGE_ROWS);
  });

  test('comes to a few figures on the overview', async () => {
    await goTo('#/overview');
    const panel = page.getByRole('region', { name: zh.overview.checks });
    await panel.waitFor();
    const figures = (await panel.textContent()) ?? '';
    // All in service but ten that are late and one too old; four rows of the last seven days, three put right.
    expect(figures).toContain(`${zh.overview.checked}987 / 998`);
    expect(figures).toContain(`${zh.overview.drift}4`);
    expect(figures).toContain(`${zh.overview.repaired}3`);
    expect(figures).toContain(`${zh.overview.recentAlarms}1`);
    await looksRight('fleet-overview');
  });

  test('never broke on the way', () => {
    expect(broken).toEqual([]);
  });
});
