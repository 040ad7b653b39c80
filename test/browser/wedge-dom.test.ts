import { fileURLToPath } from 'node:url';
import { type Browser, type CDPSession, chromium, type Page } from 'playwright-core';
import { rolldown } from 'rolldown';
import { afterAll, beforeAll, beforeEach, describe, expect } from 'vitest';
import { findProgram } from '../../scripts/machine-needs.ts';
import { testWithProgram } from '../support/machine.ts';

/** Skipped by name where Chromium is missing, except with CI=true. */
const test = testWithProgram('chromium');
const program = findProgram(['chromium']);

const html = `<!doctype html><form id="form"><input id="name" value="ab"><input id="amount" type="number"><button>OK</button></form>`;

const bundle = async (): Promise<string> => {
  const build = await rolldown({
    input: fileURLToPath(new URL('../../ui/app/kit/wedge-dom.ts', import.meta.url)),
  });
  const { output } = await build.generate({ format: 'iife', name: 'wedgeDom' });
  await build.close();
  return output[0].code;
};

let browser: Browser | undefined;
let page: Page;
let keys: CDPSession;
let script = '';

beforeAll(async () => {
  if (program === null) return;
  script = await bundle();
  browser = await chromium.launch({ executablePath: program, args: ['--no-sandbox'] });
});
afterAll(async () => browser?.close());

beforeEach(async () => {
  if (browser === undefined) return;
  page = await browser.newPage();
  await page.setContent(html);
  await page.addScriptTag({ content: script });
  await page.evaluate(`
    window.scans = []; window.submits = 0; window.inputs = [];
    document.getElementById('form').addEventListener('submit', (e) => { e.preventDefault(); window.submits++; });
    window.seen = [];
    document.addEventListener('keydown', (e) => window.seen.push(e.key));
    document.addEventListener('input', (e) => window.inputs.push(e.target.value));
    window.detach = wedgeDom.attachWedge(window, { onScan: (scan) => window.scans.push(scan) });
  `);
  keys = await page.context().newCDPSession(page);
});

const state = async () =>
  page.evaluate(`({ scans, submits, name: document.getElementById('name').value, amount: document.getElementById('amount').value,
    caret: document.getElementById('name').selectionStart })`);

type Stroke = { readonly code: string; readonly key: string };
const ENTER: Stroke = { code: 'Enter', key: 'Enter' };
const SCANNER_GAP_MS = 5;

/**
 * Presses keys as the operating system reports them: `code` for the place, `key` for its own
 * layout, and the moment each went down, so that a slow machine does not slow the scanner.
 */
const press = async (strokes: readonly Stroke[], gapMs = SCANNER_GAP_MS): Promise<void> => {
  const startMs = Date.now();
  await Promise.all(
    strokes.flatMap(({ code, key }, index) => {
      const timestamp = (startMs + index * gapMs) / 1_000;
      return [
        keys.send('Input.dispatchKeyEvent', {
          type: 'keyDown',
          code,
          key,
          text: key === 'Enter' ? '\r' : key,
          timestamp,
        }),
        keys.send('Input.dispatchKeyEvent', { type: 'keyUp', code, key, timestamp }),
      ];
    }),
  );
};

const digits = (text: string, keyOf: (digit: string) => string = (digit) => digit): Stroke[] =>
  [...text].map((digit) => ({ code: `Digit${digit}`, key: keyOf(digit) }));

describe('the wedge in a real browser', () => {
  test('a scan into a focused field leaves its value and caret, tells the framework, and submits nothing', async () => {
    await page.focus('#name');
    await page.evaluate(`document.getElementById('name').setSelectionRange(1, 1)`);
    await press([...digits('6901234567892'), ENTER]);
    expect(await state()).toEqual({
      scans: [{ text: '6901234567892' }],
      submits: 0,
      name: 'ab',
      amount: '',
      caret: 1,
    });
    expect(await page.evaluate('inputs.at(-1)')).toBe('ab');
    // Shortcuts of the page see the first keys, which nobody can tell from a person's, and no more.
    expect(await page.evaluate('seen')).toEqual(['6', '9', '0']);
    await page.close();
  });

  test('the letters of another layout do not matter, the keys do', async () => {
    await page.focus('#name');
    const azerty = '&é"\'(-è_ç';
    await press([
      ...digits('690123456', (digit) => (digit === '0' ? 'à' : (azerty[Number(digit) - 1] ?? ''))),
      ENTER,
    ]);
    expect(await state()).toMatchObject({ scans: [{ text: '690123456' }], name: 'ab', submits: 0 });
    await page.close();
  });

  test('fields without a selection and pages without a field are shielded too', async () => {
    await page.focus('#amount');
    await press([...digits('6901234567892'), ENTER]);
    expect(await state()).toMatchObject({
      scans: [{ text: '6901234567892' }],
      amount: '',
      submits: 0,
    });
    await page.evaluate('document.activeElement.blur()');
    await press([...digits('4006381333931'), ENTER]);
    expect(await state()).toMatchObject({ scans: [{}, { text: '4006381333931' }], submits: 0 });
    await page.close();
  });

  test('a person types and submits as ever, and so does everybody after detaching', async () => {
    await page.focus('#name');
    await press([...digits('123456'), ENTER], 90);
    expect(await state()).toMatchObject({ scans: [], submits: 1, name: '123456ab' });
    await page.evaluate('detach()');
    await press([...digits('999999'), ENTER]);
    expect(await state()).toMatchObject({ scans: [], submits: 2, name: '123456999999ab' });
    await page.close();
  });
});
