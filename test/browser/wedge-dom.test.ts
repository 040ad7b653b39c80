import { fileURLToPath } from 'node:url';
import { type Browser, type CDPSession, chromium, type Page } from 'playwright-core';
import { rolldown } from 'rolldown';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect } from 'vitest';
import { findProgram } from '../../scripts/machine-needs.ts';
import { wedgeLayouts } from '../../ui/app/wedge/layouts.ts';
import { testWithProgram } from '../support/machine.ts';
import {
  composed,
  ENTER,
  pressKeys,
  SCANNER_GAP_MS,
  SHIFT,
  type Stroke,
  strokesOf,
} from '../support/wedge-keys.ts';

/** Skipped by name where Chromium is missing, except with CI=true. */
const test = testWithProgram('chromium');
const program = findProgram(['chromium']);

const html = `<!doctype html><form id="form"><input id="name" value="ab"><input id="amount" type="number"><button>OK</button></form>`;
/** A member's number behind its identifier, with GS, capitals and every sign that layouts put elsewhere. */
const CODE = { aim: ']C1', text: '8018401234523435439653\u001d21aZ-/[@]{y}_?:;+*"#' };
/** A person's pace, and as much as a slow scanner lets its Enter wait. */
const PERSON_GAP_MS = 90;
const LATE_MS = 250;

const bundle = async (): Promise<string> => {
  const build = await rolldown({
    input: fileURLToPath(new URL('./fixture/wedge.ts', import.meta.url)),
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
    window.scans = []; window.refused = []; window.submits = 0; window.inputs = [];
    document.getElementById('form').addEventListener('submit', (e) => { e.preventDefault(); window.submits++; });
    window.seen = [];
    document.addEventListener('keydown', (e) => window.seen.push(e.key));
    document.addEventListener('input', (e) => window.inputs.push(e.target.value));
    window.detach = () => undefined;
    window.attach = (layout) => {
      detach();
      detach = wedgeDom.attachWedge(window, (nowMs) => wedgeDom.createWedge({
        settings: { layout },
        nowMs,
        onScan: (scan) => scans.push(scan),
        onRefused: ({ code }) => refused.push(code),
      }));
    };
    attach('us');
  `);
  keys = await page.context().newCDPSession(page);
});
afterEach(async () => page?.close());

const state = async () =>
  page.evaluate(`({ scans, refused, submits, name: document.getElementById('name').value, amount: document.getElementById('amount').value,
    caret: document.getElementById('name').selectionStart, focus: document.activeElement.id })`);
const press = (strokes: readonly Stroke[], gapMs?: number): Promise<void> =>
  pressKeys(keys, strokes, gapMs);
const focusName = async (): Promise<void> => {
  await page.focus('#name');
  await page.evaluate(`document.getElementById('name').setSelectionRange(1, 1)`);
};
/** Nothing of a code is left in the form. */
const CLEAN = { submits: 0, name: 'ab', amount: '' };

describe('the wedge in a real browser', () => {
  test('a scan into a focused field leaves its value and caret, tells the framework, and submits nothing', async () => {
    await focusName();
    await press([...strokesOf('6901234567892'), ENTER]);
    expect(await state()).toMatchObject({ ...CLEAN, scans: [{ text: '6901234567892' }], caret: 1 });
    expect(await page.evaluate('inputs.at(-1)')).toBe('ab');
    // Shortcuts of the page see the first keys, which nobody can tell from a person's, and no more.
    expect(await page.evaluate('seen')).toEqual(['6', '9', '0']);
  });

  test(`a scanner set to the US layout gives the same code at computers set to ${wedgeLayouts.length} layouts`, async () => {
    await focusName();
    for (const computer of wedgeLayouts) {
      await press([...strokesOf(CODE.aim + CODE.text, 'us', computer), ENTER]);
      expect(await state(), computer).toMatchObject({ ...CLEAN, scans: [CODE], refused: [] });
      await page.evaluate('scans.length = 0');
    }
  });

  test(`scanners set to ${wedgeLayouts.length} layouts give the same code, each where it is calibrated`, async () => {
    await focusName();
    for (const scanner of wedgeLayouts) {
      await page.evaluate(`attach('${scanner}')`);
      await press([...strokesOf(CODE.aim + CODE.text, scanner, 'us'), ENTER]);
      expect(await state(), scanner).toMatchObject({ ...CLEAN, scans: [CODE], refused: [] });
      await page.evaluate('scans.length = 0');
    }
  });

  test('fields without a selection and pages without a field are shielded too', async () => {
    await page.focus('#amount');
    await press([...strokesOf('6901234567892'), ENTER]);
    expect(await state()).toMatchObject({ ...CLEAN, scans: [{ text: '6901234567892' }] });
    await page.evaluate('document.activeElement.blur()');
    await press([...strokesOf('4006381333931'), ENTER]);
    expect(await state()).toMatchObject({ ...CLEAN, scans: [{}, { text: '4006381333931' }] });
  });
});

describe('half a code never submitted', () => {
  test('when its Enter comes late', async () => {
    await focusName();
    await press([...strokesOf('690123456'), { ...ENTER, lateMs: LATE_MS }]);
    expect(await state()).toMatchObject({ ...CLEAN, scans: [], refused: ['no-suffix'] });
  });

  test('when the window loses the focus in its middle', async () => {
    await focusName();
    const head = strokesOf('690123456');
    const startMs = Date.now();
    await pressKeys(keys, head, SCANNER_GAP_MS, startMs);
    await page.evaluate(`window.dispatchEvent(new Event('blur'))`);
    // By their times the other keys follow at the scanner's pace.
    const tail = [...strokesOf('7892'), ENTER];
    await pressKeys(keys, tail, SCANNER_GAP_MS, startMs + head.length * SCANNER_GAP_MS);
    expect(await state()).toMatchObject({ ...CLEAN, scans: [], refused: ['no-suffix'] });
  });

  test('when a key in it belongs to no code', async () => {
    await focusName();
    await press([...strokesOf('690123'), { code: 'F8', key: 'F8' }, ...strokesOf('4567'), ENTER]);
    expect(await state()).toMatchObject({ ...CLEAN, scans: [], refused: ['unmapped'] });
  });

  test('and a key that is held down is no part of one', async () => {
    await focusName();
    const held = strokesOf('0'.repeat(12)).map(({ code }) => ({ code, key: '0', text: '0' }));
    for (const [index, each] of held.entries())
      await keys.send('Input.dispatchKeyEvent', {
        type: 'keyDown',
        ...each,
        autoRepeat: index > 0,
      });
    expect(await state()).toMatchObject({ scans: [], name: `a${'0'.repeat(12)}b`, submits: 0 });
  });
});

describe('human typing untouched', () => {
  test('a person types and submits as ever, and so does everybody after detaching', async () => {
    await page.focus('#name');
    await press([...strokesOf('123456'), ENTER], PERSON_GAP_MS);
    expect(await state()).toMatchObject({ scans: [], submits: 1, name: '123456ab' });
    await page.evaluate('detach()');
    await press([...strokesOf('999999'), ENTER]);
    expect(await state()).toMatchObject({ scans: [], submits: 2, name: '123456999999ab' });
  });

  test('who types fast and taps a button at once finds their text in the form', async () => {
    await focusName();
    await pressKeys(keys, strokesOf('1234'), 40, Date.now() - 300);
    const tap = `document.querySelector('button').dispatchEvent(new PointerEvent('pointerdown', { bubbles: true }))`;
    expect(await page.evaluate(`${tap}, document.getElementById('name').value`)).toBe('a1234b');
  });

  test('a form that the browser fills in breaks nothing: its key events are none', async () => {
    const broken: string[] = [];
    page.on('pageerror', ({ message }) => broken.push(message));
    for (const name of ['keydown', 'keyup'])
      await page.evaluate(
        `document.getElementById('name').dispatchEvent(new Event('${name}', { bubbles: true }))`,
      );
    await focusName();
    await press([...strokesOf('6901234567892'), ENTER]);
    expect(await state()).toMatchObject({ ...CLEAN, scans: [{ text: '6901234567892' }] });
    expect(broken).toEqual([]);
  });

  test('a Chinese input method composes and commits as ever', async () => {
    await focusName();
    for (const [index, letter] of [...'zhong'].entries()) {
      await press([composed(`Key${letter.toUpperCase()}`)]);
      const text = 'zhong'.slice(0, index + 1);
      await keys.send('Input.imeSetComposition', {
        text,
        selectionStart: text.length,
        selectionEnd: text.length,
      });
    }
    await keys.send('Input.insertText', { text: '中' });
    expect(await state()).toMatchObject({ scans: [], refused: [], name: 'a中b', focus: 'name' });
  });

  test('a scan while an input method composes is read, and the field is as before', async () => {
    await focusName();
    const code = 'ABCDEFGHIJKLM';
    const strokes = [...code].map((letter) => ({ ...composed(`Key${letter}`), modifiers: SHIFT }));
    const startMs = Date.now();
    await pressKeys(keys, strokes.slice(0, 1), SCANNER_GAP_MS, startMs);
    // The input method takes the first letter and shows it; the others find it composing.
    await keys.send('Input.imeSetComposition', { text: 'a', selectionStart: 1, selectionEnd: 1 });
    expect(await state()).toMatchObject({ name: 'aab' });
    const rest = [...strokes.slice(1), composed('Enter')];
    await pressKeys(keys, rest, SCANNER_GAP_MS, startMs + SCANNER_GAP_MS);
    expect(await state()).toMatchObject({
      ...CLEAN,
      scans: [{ text: code }],
      focus: 'name',
      caret: 1,
    });
  });
});
