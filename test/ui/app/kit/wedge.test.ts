import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  createWedge,
  TORN_TAIL_MS,
  WEDGE_GAP_MS,
  WEDGE_MAX_CHARS,
  WEDGE_MIN_CHARS,
  type WedgeKey,
  type WedgeOptions,
  type WedgeScan,
} from '../../../../ui/app/kit/wedge.ts';
import {
  charOf,
  type KeyPress,
  layoutsThatRead,
  type WedgeLayout,
  wedgeLayouts,
} from '../../../../ui/app/kit/wedge-layouts.ts';

const plainPress: KeyPress = {
  code: '',
  shiftKey: false,
  ctrlKey: false,
  altKey: false,
  altGraph: false,
};

const codes = [
  ...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'.split('').map((letter) => `Key${letter}`),
  ...'0123456789'.split('').map((digit) => `Digit${digit}`),
  'Space',
  'Backquote',
  'Minus',
  'Equal',
  'BracketLeft',
  'BracketRight',
  'Semicolon',
  'Quote',
  'Backslash',
  'IntlBackslash',
  'Comma',
  'Period',
  'Slash',
];

/** The keys a scanner set to `layout` presses for `char`. */
const pressesFor = (char: string, layout: WedgeLayout): KeyPress => {
  if (char === '\u001d') return { ...plainPress, code: 'BracketRight', ctrlKey: true };
  for (const modifiers of [{}, { shiftKey: true }, { altGraph: true }]) {
    for (const code of codes) {
      const press = { ...plainPress, ...modifiers, code };
      if (charOf(press, layout) === char) return press;
    }
  }
  throw new Error(`no key for ${JSON.stringify(char)} in ${layout}`);
};

/** A field with the focus in a page, the wedge before it, and a clock that the typist moves. */
const createPage = (options: Partial<WedgeOptions> = {}, value = '') => {
  let nowMs = 1_000;
  let before = value;
  const page = { value, submits: 0, scans: [] as WedgeScan[], torn: [] as string[] };
  const wedge = createWedge({
    nowMs: () => nowMs,
    onScan: (scan) => page.scans.push(scan),
    onTorn: (reason) => page.torn.push(reason),
    ...options,
  });

  const apply = (answer: ReturnType<typeof wedge.expire>): void => {
    if (answer.giveBack !== undefined) page.value = before + answer.giveBack;
    if (answer.field === 'remember') before = page.value;
    if (answer.field === 'restore') page.value = before;
  };
  /** Time passes; the timer of the page fires on the way. */
  const wait = (ms: number): void => {
    const untilMs = nowMs + ms;
    const deadlineMs = wedge.deadlineMs();
    if (deadlineMs !== null && deadlineMs <= untilMs) {
      nowMs = deadlineMs;
      apply(wedge.expire());
    }
    nowMs = untilMs;
  };
  const press = (key: Partial<WedgeKey> & { code: string }): boolean => {
    const full = { ...plainPress, key: '', metaKey: false, repeat: false, ...key };
    const answer = wedge.keydown(full);
    apply(answer);
    if (answer.preventDefault) return false;
    if (full.code === 'Enter') page.submits += 1;
    else if (full.key.length === 1 && !full.ctrlKey) page.value += full.key;
    return true;
  };
  const type = (text: string, gapMs: number, layout: WedgeLayout = 'us'): void => {
    for (const char of text) {
      wait(gapMs);
      if (char === '\n') press({ code: 'Enter', key: 'Enter' });
      else if (char === '\t') press({ code: 'Tab', key: 'Tab' });
      else press({ ...pressesFor(char, layout), key: char === '\u001d' ? ']' : char });
    }
  };
  return { page, wedge, wait, press, type };
};

describe('by layout tables', () => {
  const signs = ' !"#$%&\'()*+,-./0123456789:;<=>?@[\\]^_`{|}~';
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

  test.each(wedgeLayouts)(
    'a scanner set to %s can send every printable ASCII character',
    (layout) => {
      for (const char of signs + letters)
        expect(charOf(pressesFor(char, layout), layout), char).toBe(char);
    },
  );

  test.each([
    ['us', 'Slash', '/'],
    ['de', 'Slash', '-'],
    ['fr', 'Slash', '!'],
    ['us', 'KeyY', 'y'],
    ['de', 'KeyY', 'z'],
    ['fr', 'KeyQ', 'a'],
    ['us', 'Digit1', '1'],
    ['de', 'Digit1', '1'],
    ['fr', 'Digit1', '&'],
  ] as const)('%s reads the key %s as %s', (layout, code, char) => {
    expect(charOf({ ...plainPress, code }, layout)).toBe(char);
  });

  test('the number pad gives digits in every layout, and AltGr is also Ctrl with Alt', () => {
    for (const layout of wedgeLayouts)
      expect(charOf({ ...plainPress, code: 'Numpad7' }, layout)).toBe('7');
    expect(charOf({ ...plainPress, code: 'KeyQ', ctrlKey: true, altKey: true }, 'de')).toBe('@');
  });

  test.each(wedgeLayouts)(
    'a code with GS and an AIM identifier from a scanner set to %s is read whole',
    (layout) => {
      const { page, type } = createPage({ layout });
      type(']C18018401234523435439653\u001d80197\n', 5, layout);
      expect(page.scans).toEqual([{ aim: ']C1', text: '8018401234523435439653\u001d80197' }]);
    },
  );

  test('a dead key and its space are one character', () => {
    const { page, type } = createPage({ layout: 'de' });
    type('AB^ C`  D\n', 5, 'de');
    expect(page.scans).toEqual([{ text: 'AB^C` D' }]);
  });

  test('a calibration code tells the layout', () => {
    const calibration = 'Zy-09/[@]';
    for (const layout of wedgeLayouts) {
      expect(
        layoutsThatRead(
          [...calibration].map((char) => pressesFor(char, layout)),
          calibration,
        ),
      ).toEqual([layout]);
    }
  });
});

describe('burst swallowed', () => {
  test.each([
    ['Enter', '\n'],
    ['Tab', '\t'],
  ])('a scan ended by %s leaves the field as it was and submits nothing', (_, suffix) => {
    const { page, type, wait } = createPage({}, '张三');
    type(`]E06901234567892${suffix}`, 10);
    wait(1_000);
    expect(page).toMatchObject({
      value: '张三',
      submits: 0,
      scans: [{ aim: ']E0', text: '6901234567892' }],
      torn: [],
    });
  });

  test('keys at the gap are a burst, the shortest burst has the minimum of characters', () => {
    const { page, type } = createPage();
    type(`${'1'.repeat(WEDGE_MIN_CHARS)}\n`, WEDGE_GAP_MS);
    expect(page).toMatchObject({ value: '', scans: [{ text: '1111' }] });
  });

  test('two scans in a row are two', () => {
    const { page, type } = createPage();
    type('AAAA\nBBBB\n', 10);
    expect(page.scans.map((scan) => scan.text)).toEqual(['AAAA', 'BBBB']);
  });

  test('what a person typed just before stays', () => {
    const { page, type, wait } = createPage();
    type('hello', 120);
    wait(60);
    type('6901234567892\n', 5);
    expect(page).toMatchObject({ value: 'hello', scans: [{ text: '6901234567892' }], submits: 0 });
  });

  test('a page that was busy judges by when the keys went down', () => {
    const { page, press } = createPage();
    for (const [index, char] of [...'hello'].entries())
      press({ ...pressesFor(char, 'us'), key: char, timeMs: 2_000 + index * 120 });
    expect(page).toMatchObject({ value: 'hello', scans: [], torn: [] });
  });

  test('ended by timeout where the scanner sends no suffix', () => {
    const { page, type, wait } = createPage({ end: 'timeout' });
    type('6901234567892', 10);
    wait(WEDGE_GAP_MS + 1);
    expect(page).toMatchObject({ value: '', scans: [{ text: '6901234567892' }] });
  });

  test('a code at the limit is read, a longer one is thrown away whole', () => {
    const atLimit = createPage();
    atLimit.type(`${'x'.repeat(WEDGE_MAX_CHARS)}\n`, 1);
    expect(atLimit.page.scans[0]?.text).toHaveLength(WEDGE_MAX_CHARS);
    const above = createPage();
    above.type(`${'x'.repeat(WEDGE_MAX_CHARS + 1)}\n`, 1);
    expect(above.page).toMatchObject({ scans: [], torn: ['over-long'], value: '', submits: 0 });
  });

  test('a control character other than GS makes the code garbage', () => {
    const { page, type, press, wait } = createPage();
    type('690123', 10);
    wait(10);
    press({ code: 'KeyB', ctrlKey: true });
    type('4567\n', 10);
    expect(page).toMatchObject({ scans: [], torn: ['garbage'], value: '', submits: 0 });
  });
});

describe('slow suffix not submitted', () => {
  test('a suffix that comes late neither submits the form nor the half code', () => {
    const { page, type, wait } = createPage();
    type('690123456', 5);
    wait(200);
    type('\n', 0);
    expect(page).toMatchObject({ scans: [], torn: ['no-suffix'], value: '', submits: 0 });
  });

  test('the tail of a torn code is swallowed with its suffix, and the next code is whole', () => {
    const { page, type, wait } = createPage();
    type('690123456', 5);
    wait(150);
    type('7892\n', 5);
    wait(700);
    type('6901234567892\n', 5);
    expect(page).toMatchObject({
      scans: [{ text: '6901234567892' }],
      torn: ['no-suffix'],
      value: '',
      submits: 0,
    });
  });

  test('after the tail time a person types again', () => {
    const { page, type, wait } = createPage();
    type('690123456', 5);
    wait(TORN_TAIL_MS + 1);
    type('ok\n', 100);
    expect(page).toMatchObject({ value: 'ok', submits: 1, scans: [] });
  });

  test('a focus that is lost in the middle tears the code', () => {
    const { page, type, wedge } = createPage();
    type('690123456', 5);
    wedge.abandon();
    type('7892\n', 5);
    expect(page).toMatchObject({ scans: [], torn: ['no-suffix'], value: '' });
  });
});

describe('human typing untouched', () => {
  test('no key of a person is lost or delayed, whatever their rhythm', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom(...'abc123 XYZ.-'), fc.integer({ min: 51, max: 900 })), {
          maxLength: 40,
        }),
        (keys) => {
          const { page, type } = createPage();
          for (const [char, gapMs] of keys) type(char, gapMs);
          type('\n', 90);
          expect(page).toMatchObject({
            value: keys.map(([char]) => char).join(''),
            submits: 1,
            scans: [],
            torn: [],
          });
        },
      ),
    );
  });

  test('fast pairs and triples of rolled keys pass', () => {
    const { page, type } = createPage();
    for (const group of ['the', 'in', 'ing']) {
      type(group[0] ?? '', 130);
      type(group.slice(1), 30);
    }
    expect(page).toMatchObject({ value: 'theining', scans: [] });
  });

  test('a short burst at a fast person speed without suffix is given back', () => {
    const { page, type, wait } = createPage({}, '#');
    type('1234', 40);
    expect(page.value).toBe('#');
    wait(60);
    expect(page).toMatchObject({ value: '#1234', torn: [] });
    type('\n', 100);
    expect(page.submits).toBe(1);
  });

  test('given back also when the next key comes before the timer', () => {
    const { page, type, press } = createPage();
    type('1234', 40);
    press({ code: 'Digit5', key: '5', timeMs: 1_000 + 4 * 40 + 80 });
    expect(page.value).toBe('12345');
  });

  test('a key that is held down repeats like a scanner and is none', () => {
    const { page, press, wait } = createPage();
    press({ code: 'Digit0', key: '0' });
    for (let turn = 0; turn < 20; turn += 1) {
      wait(33);
      press({ code: 'Digit0', key: '0', repeat: true });
    }
    expect(page).toMatchObject({ value: '0'.repeat(21), scans: [], torn: [] });
  });

  test('shortcuts and modifier keys pass and are no characters', () => {
    const { page, press, wait } = createPage();
    for (const code of ['KeyC', 'KeyV', 'KeyA', 'KeyC', 'KeyV']) {
      wait(5);
      expect(press({ code, ctrlKey: true, key: 'c' })).toBe(true);
    }
    expect(press({ code: 'ShiftLeft', key: 'Shift' })).toBe(true);
    expect(page).toMatchObject({ scans: [], torn: [] });
  });

  test('no mixture of a person and whole scans puts a character of a scan into the field', () => {
    const scan = fc.constantFrom('6901234567892', ']C18018401234523435439653', 'CP-SPRING10');
    const human = fc.stringMatching(/^[a-z]{0,6}$/);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(human, scan, fc.integer({ min: 1, max: 20 })), { maxLength: 8 }),
        (turns) => {
          const { page, type, wait } = createPage();
          for (const [typed, code, gapMs] of turns) {
            type(typed, 110);
            wait(80);
            type(`${code}\n`, gapMs);
          }
          expect(page.value).toBe(turns.map(([typed]) => typed).join(''));
          expect(page.scans).toHaveLength(turns.length);
          expect(page.submits).toBe(0);
        },
      ),
    );
  });
});
