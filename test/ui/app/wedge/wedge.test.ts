import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  FALTER_MS,
  HUMAN_MAX_KEYS,
  TORN_TAIL_MS,
  WEDGE_GAP_MS,
  WEDGE_MAX_KEYS,
  WEDGE_MIN_KEYS,
  type WedgeAnswer,
} from '../../../../ui/app/wedge/burst.ts';
import { plainPress, type WedgeKey } from '../../../../ui/app/wedge/key-press.ts';
import { type WedgeLayout, wedgeLayouts } from '../../../../ui/app/wedge/layouts.ts';
import { readKey } from '../../../../ui/app/wedge/read-key.ts';
import { createWedge, type WedgeOptions, type WedgeScan } from '../../../../ui/app/wedge/wedge.ts';
import { keyFor, pressesOf } from '../../../support/wedge-presses.ts';

/** A field with the focus in a page, the wedge before it, and a clock that the typist moves. */
const createPage = (options: Partial<WedgeOptions> = {}, value = '') => {
  let nowMs = 1_000;
  let before = value;
  let swallowed = 0;
  const page = { value, submits: 0, scans: [] as WedgeScan[], torn: [] as string[] };
  const wedge = createWedge({
    nowMs: () => nowMs,
    onScan: (scan) => page.scans.push(scan),
    onRefused: ({ code }) => page.torn.push(code),
    ...options,
  });

  const apply = (answer: WedgeAnswer): void => {
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
    const full = { ...plainPress(key.code), key: '', metaKey: false, repeat: false, ...key };
    const answer = wedge.keydown(full);
    apply(answer);
    if (answer.preventDefault) {
      swallowed += 1;
      return false;
    }
    if (full.code === 'Enter') page.submits += 1;
    else if (full.key.length === 1 && !full.ctrlKey) page.value += full.key;
    return true;
  };
  const type = (text: string, gapMs: number, layout: WedgeLayout = 'us'): void => {
    for (const char of text) {
      wait(gapMs);
      if (char === '\n') press({ code: 'Enter', key: 'Enter' });
      else if (char === '\t') press({ code: 'Tab', key: 'Tab' });
      else {
        for (const each of pressesOf(char, layout))
          press({ ...each, key: char === '\u001d' ? ']' : char });
      }
    }
  };
  const keyup = (code: string): void => apply(wedge.keyup({ code }));
  return { page, wedge, wait, press, keyup, type, swallowed: () => swallowed };
};

describe('by layout tables', () => {
  const signs = ' !"#$%&\'()*+,-./0123456789:;<=>?@[\\]^_`{|}~';
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

  test.each(wedgeLayouts)(
    'a scanner set to %s can send every printable ASCII character',
    (layout) => {
      const { page, type, wait } = createPage({ settings: { layout } });
      for (const char of signs + letters) {
        type(`AB${char}Z\n`, 5, layout);
        wait(100);
        expect(page.scans.at(-1)?.text, char).toBe(`AB${char}Z`);
      }
      expect(page.torn).toEqual([]);
    },
  );

  test.each([
    ['us', 'Slash', '/'],
    ['uk', 'Backslash', '#'],
    ['de', 'Slash', '-'],
    ['fr', 'Slash', '!'],
    ['be', 'Slash', '='],
    ['es', 'Semicolon', 'ñ'],
    ['it', 'BracketLeft', 'è'],
    ['pt-br', 'IntlRo', '/'],
    ['ja', 'BracketLeft', '@'],
    ['us', 'KeyY', 'y'],
    ['de', 'KeyY', 'z'],
    ['fr', 'KeyQ', 'a'],
    ['us', 'Digit1', '1'],
    ['de', 'Digit1', '1'],
    ['fr', 'Digit1', '&'],
    ['be', 'Digit6', '§'],
  ] as const)('%s reads the key %s as %s', (layout, code, char) => {
    expect(readKey(plainPress(code), layout)?.char).toBe(char);
  });

  test('the number pad gives digits in every layout, and AltGr is also Ctrl with Alt', () => {
    for (const layout of wedgeLayouts)
      expect(readKey(plainPress('Numpad7'), layout)?.char).toBe('7');
    const ctrlAltQ = { ...plainPress('KeyQ'), ctrlKey: true, altKey: true };
    expect(readKey(ctrlAltQ, 'de')?.char).toBe('@');
  });

  test('the right Alt key is AltGr where the computer has a layout without one', () => {
    const { page, press, wedge } = createPage({ settings: { layout: 'de' } });
    for (const code of ['KeyA', 'KeyB', 'KeyC', 'KeyD']) press({ code });
    press({ code: 'AltRight', altKey: true });
    press({ code: 'KeyQ', altKey: true });
    wedge.keyup({ code: 'AltRight' });
    press({ code: 'KeyQ' });
    press({ code: 'Enter' });
    expect(page.scans).toEqual([{ text: 'abcd@q' }]);
  });

  test.each(wedgeLayouts)(
    'a code with GS and an AIM identifier from a scanner set to %s is read whole',
    (layout) => {
      const { page, type } = createPage({ settings: { layout } });
      type(']C18018401234523435439653\u001d80197\n', 5, layout);
      expect(page.scans).toEqual([{ aim: ']C1', text: '8018401234523435439653\u001d80197' }]);
    },
  );

  test('a dead key and its space are one character', () => {
    const { page, type } = createPage({ settings: { layout: 'de' } });
    type('AB^C`  D\n', 5, 'de');
    expect(page.scans).toEqual([{ text: 'AB^C`  D' }]);
  });

  test.each([
    ['a letter behind it', ['Equal', 'KeyE', 'Enter']],
    ['the end of the code behind it', ['KeyE', 'Equal', 'Enter']],
  ])('a dead key with %s refuses the code and says so', (_, tail) => {
    const { page, press } = createPage({ settings: { layout: 'de' } });
    for (const code of ['KeyA', 'KeyB', 'KeyC', ...tail]) press({ code });
    expect(page).toMatchObject({ scans: [], torn: ['dead-key'], submits: 0 });
  });

  test('Caps Lock of the cashier changes nothing, for a scanner holds Shift itself', () => {
    const { page, press } = createPage();
    for (const shiftKey of [true, false, true, false])
      press({ code: 'KeyA', shiftKey, capsLock: true });
    press({ code: 'Enter' });
    expect(page.scans).toEqual([{ text: 'AaAa' }]);
  });

  test('a scanner that presses Caps Lock itself means it', () => {
    const { page, press } = createPage();
    press({ code: 'CapsLock' });
    for (const shiftKey of [true, false, true, false])
      press({ code: 'KeyA', shiftKey, capsLock: true });
    press({ code: 'Digit1', capsLock: true });
    press({ code: 'Enter' });
    expect(page.scans).toEqual([{ text: 'aAaA1' }]);
  });

  describe('Alt codes of the number pad', () => {
    const altCode = (page: ReturnType<typeof createPage>, digits: string): void => {
      page.press({ code: 'AltLeft', altKey: true });
      for (const digit of digits) {
        page.wait(4);
        page.press({ code: `Numpad${digit}`, altKey: true });
      }
      page.wait(4);
      page.keyup('AltLeft');
    };

    test('are composed, GS and a letter of code page 1252 among them', () => {
      const till = createPage();
      for (const digits of ['093', '067', '049', '0056', '029', '0228', '0128'])
        altCode(till, digits);
      till.press({ code: 'Enter' });
      expect(till.page.scans).toEqual([{ aim: ']C1', text: '8\u001dä€' }]);
    });

    test.each(['0256', '0129', '228', '000', '99999'])(
      '%s is no character that a page can know, and refuses the code',
      (digits) => {
        const till = createPage();
        for (const each of ['065', '066', '067', '068', digits]) altCode(till, each);
        till.press({ code: 'Enter' });
        expect(till.page).toMatchObject({ scans: [], torn: ['unmapped'], submits: 0 });
      },
    );
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
    type(`${'1'.repeat(WEDGE_MIN_KEYS)}\n`, WEDGE_GAP_MS);
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
      press({ ...keyFor(char, 'us').press, key: char, timeMs: 2_000 + index * 120 });
    expect(page).toMatchObject({ value: 'hello', scans: [], torn: [] });
  });

  test('ended by timeout where the scanner sends no suffix', () => {
    const { page, type, wait } = createPage({ end: 'timeout' });
    type('6901234567892', 10);
    wait(WEDGE_GAP_MS + 1);
    expect(page).toMatchObject({ value: '', scans: [{ text: '6901234567892' }] });
  });

  test('a second suffix key right behind the first submits nothing either', () => {
    const { page, type, wait } = createPage();
    type('6901234567892\t\n', 5);
    wait(300);
    expect(page).toMatchObject({ submits: 0, scans: [{ text: '6901234567892' }] });
    type('\n', 0);
    expect(page.submits).toBe(1);
  });

  test('control characters that codes carry are part of them', () => {
    const { page, type, press } = createPage();
    type('[)>', 5);
    press({ code: 'Digit6', ctrlKey: true });
    type('06', 5);
    press({ code: 'KeyD', ctrlKey: true });
    type('\n', 5);
    expect(page.scans).toEqual([{ text: '[)>\u001e06\u0004' }]);
  });

  test('a code at the limit is read, a longer one is thrown away whole', () => {
    const atLimit = createPage();
    atLimit.type(`${'x'.repeat(WEDGE_MAX_KEYS)}\n`, 1);
    expect(atLimit.page.scans[0]?.text).toHaveLength(WEDGE_MAX_KEYS);
    const above = createPage();
    above.type(`${'x'.repeat(WEDGE_MAX_KEYS + 1)}\n`, 1);
    expect(above.page).toMatchObject({ scans: [], torn: ['over-long'], value: '', submits: 0 });
  });

  test('a control character other than GS makes the code garbage', () => {
    const { page, type, press, wait } = createPage();
    type('690123', 10);
    wait(10);
    press({ code: 'KeyB', ctrlKey: true });
    type('4567\n', 10);
    expect(page).toMatchObject({ scans: [], torn: ['unmapped'], value: '', submits: 0 });
  });
});

describe('a start mark', () => {
  const settings = { prefix: '\u0002' };
  const start = { code: 'KeyB', ctrlKey: true, key: 'b' };

  test('that nobody types keeps the whole code from the page, and is no part of it', () => {
    const { page, press, type } = createPage({ settings });
    expect(press(start)).toBe(false);
    type('69\n', 5);
    expect(page).toMatchObject({ value: '', submits: 0, scans: [{ text: '69' }] });
  });

  test('that is missing refuses the code: its head was lost', () => {
    const { page, type } = createPage({ settings });
    type('0123456789\n', 5);
    expect(page).toMatchObject({ value: '', scans: [], torn: ['no-prefix'], submits: 0 });
  });

  test('that somebody presses by hand is forgotten without a word', () => {
    const { page, press, wait, type } = createPage({ settings });
    press(start);
    wait(500);
    type('ab\n', 120);
    expect(page).toMatchObject({ value: 'ab', scans: [], torn: [], submits: 1 });
  });

  test('of letters stands before the AIM identifier', () => {
    const { page, type } = createPage({ settings: { prefix: '~' } });
    type('~]C1801812\n', 5);
    expect(page.scans).toEqual([{ aim: ']C1', text: '801812' }]);
  });
});

describe('a scanner set to another layout than the till', () => {
  test.each([
    ['fr', 'us', '6901234567892'],
    ['be', 'us', '6901234567892'],
    ['us', 'fr', '6901234567892'],
    ['us', 'de', ']C1801812'],
    ['de', 'us', 'https://id.example.com/8018/123'],
    ['pt-br', 'ja', ']Q1TSP1:ABC'],
  ] as const)('%s, where %s is set, is noticed, and the code refused', (sends, set, code) => {
    const refused: unknown[] = [];
    const { page, type } = createPage({
      settings: { layout: set },
      onRefused: (refusal) => refused.push(refusal),
    });
    type(`${code}\n`, 5, sends);
    expect(page.scans).toEqual([]);
    expect(refused).toEqual([
      expect.objectContaining({ code: expect.stringMatching(/^(?:other-layout|unmapped)$/) }),
    ]);
  });

  test('is named where the keys make sense in it', () => {
    const refused: unknown[] = [];
    const { type } = createPage({ onRefused: (refusal) => refused.push(refusal) });
    type('6901234567892\n', 5, 'fr');
    expect(refused).toEqual([{ code: 'other-layout', layouts: ['fr', 'be'] }]);
  });

  test('is not suspected of a code that only looks unusual', () => {
    const { page, type, wait } = createPage();
    for (const code of ['CP-SPRING10', '&ABC!', '[)>06', 'a/b-c:d']) {
      type(`${code}\n`, 5);
      wait(100);
    }
    expect(page.scans.map(({ text }) => text)).toEqual([
      'CP-SPRING10',
      '&ABC!',
      '[)>06',
      'a/b-c:d',
    ]);
  });
});

describe('an input method', () => {
  const pinyin = (page: ReturnType<typeof createPage>, letters: string, gapMs: number): void => {
    for (const letter of letters) {
      page.wait(gapMs);
      page.press({ code: `Key${letter.toUpperCase()}`, key: 'Process', composing: true });
    }
  };

  test('keeps what a fast person types: human typing untouched under IME', () => {
    const till = createPage();
    pinyin(till, 'zhonggu'.slice(0, HUMAN_MAX_KEYS), 30);
    till.wait(300);
    pinyin(till, 'oren', 45);
    expect(till.page).toMatchObject({ torn: [], scans: [], submits: 0 });
    expect(till.swallowed()).toBe(0);
  });

  test('does not hide a scanner', () => {
    const till = createPage();
    pinyin(till, 'abcdefghijkl', 5);
    till.press({ code: 'Enter', key: 'Process', composing: true });
    expect(till.page).toMatchObject({ scans: [{ text: 'abcdefghijkl' }], submits: 0 });
  });

  test('does not hide a short code of a scanner', () => {
    const till = createPage();
    pinyin(till, 'abcde', 5);
    till.wait(5);
    till.press({ code: 'Enter', key: 'Process', composing: true });
    expect(till.page).toMatchObject({ scans: [{ text: 'abcde' }], submits: 0 });
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
            wait(FALTER_MS);
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
