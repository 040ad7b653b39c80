import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  FALTER_MS,
  TORN_TAIL_MS,
  WEDGE_GAP_MS,
  type WedgeAnswer,
} from '../../../../ui/app/wedge/burst.ts';
import { plainPress, type WedgeKey } from '../../../../ui/app/wedge/key-press.ts';
import { createWedge, type WedgeOptions } from '../../../../ui/app/wedge/wedge.ts';
import { pressesOf } from '../../../support/wedge-presses.ts';

/** A field with the focus, the wedge before it, and what reached the page. */
const createTill = (options: Partial<WedgeOptions> = {}) => {
  let atMs = 1_000;
  let before = '';
  const seen = { value: '', keys: [] as string[], scans: [] as string[], torn: [] as string[] };
  const wedge = createWedge({
    nowMs: () => atMs,
    onScan: ({ text }) => seen.scans.push(text),
    onRefused: ({ code }) => seen.torn.push(code),
    ...options,
  });
  const apply = ({ giveBack, field }: WedgeAnswer): void => {
    if (giveBack !== undefined) seen.value = before + giveBack;
    if (field === 'remember') before = seen.value;
    if (field === 'restore') seen.value = before;
  };
  const press = (code: string, more: Partial<WedgeKey> = {}, gapMs = 5): boolean => {
    atMs += gapMs;
    const answer = wedge.keydown({
      ...plainPress(code),
      key: code,
      metaKey: false,
      repeat: false,
      timeMs: atMs,
      ...more,
    });
    apply(answer);
    const { key = code } = more;
    if (!answer.preventDefault && key.length === 1) seen.value += key;
    if (!answer.preventDefault) seen.keys.push(key);
    return !answer.preventDefault;
  };
  const type = (text: string, gapMs = 5): void => {
    for (const char of text) {
      const [each] = char === '\n' ? [plainPress('Enter')] : pressesOf(char, 'us');
      if (each !== undefined)
        press(each.code, { ...each, key: char === '\n' ? 'Enter' : char }, gapMs);
    }
  };
  const altCode = (digits: string): void => {
    press('AltLeft', { altKey: true });
    for (const digit of digits) press(`Numpad${digit}`, { altKey: true });
    atMs += 5;
    apply(wedge.keyup({ code: 'AltLeft', timeMs: atMs }));
  };
  const wait = (ms: number): void => {
    atMs += ms;
    apply(wedge.expire());
  };
  return { seen, press, type, altCode, wait, wedge };
};

const CODE = '6901234567892';

describe('a code with several keys that no code has', () => {
  test('is thrown away to its end: neither a shortcut nor the rest of it gets through', () => {
    const { seen, press, type } = createTill();
    type('690123');
    press('F8');
    type('45');
    press('F8');
    type('678901\n');
    expect(seen).toMatchObject({ value: '', scans: [], torn: ['unmapped'] });
    expect(seen.keys).toEqual(['6', '9', '0']);
  });

  test('is thrown away to its end also where they are Alt codes', () => {
    const { seen, type, altCode } = createTill();
    type('690123');
    altCode('228');
    altCode('228');
    type('678901\n');
    expect(seen).toMatchObject({ value: '', scans: [], torn: ['unmapped'] });
  });

  test('ends with it: a shortcut that a person presses behind it acts', () => {
    const { seen, press, type } = createTill();
    type('690123');
    press('F8');
    expect(press('F2', {}, WEDGE_GAP_MS + 1)).toBe(true);
    press('F2', {}, TORN_TAIL_MS);
    expect(seen.keys.slice(-2)).toEqual(['F2', 'F2']);
  });
});

describe('a code whose first key writes nothing in the set layout', () => {
  test('is refused: without its identifier it would be another code', () => {
    const { seen, press, type } = createTill();
    // `]` of a Belgian scanner.
    press('BracketRight', { ctrlKey: true, altKey: true, altGraph: true });
    type('C0ABC-12\n');
    expect(seen).toMatchObject({ scans: [], torn: ['unmapped'] });
  });

  test('and is none where a control character of no start mark comes first', () => {
    const { seen, press, type } = createTill();
    press('KeyB', { ctrlKey: true });
    type('C0ABC-12\n');
    expect(seen).toMatchObject({ scans: ['C0ABC-12'], torn: [] });
  });
});

describe('the focus that goes twice within a code', () => {
  test('tears it once, and nothing of it is handed on', () => {
    const { seen, type, wedge } = createTill();
    type('690123456');
    wedge.abandon();
    wedge.abandon();
    type('78926789\n');
    expect(seen).toMatchObject({ value: '', scans: [], torn: ['no-suffix'] });
  });
});

describe('a scanner that falters', () => {
  test('behind its first keys: the rest is not handed on as a code', () => {
    const { seen, type, wait } = createTill();
    type('690');
    wait(WEDGE_GAP_MS + 30);
    type('1234567892\n');
    expect(seen).toMatchObject({ scans: [], torn: ['no-suffix'] });
  });

  test('at the pace of a fast person: the rest is not handed on as a code', () => {
    const { seen, type, wait } = createTill();
    type('69012', 40);
    wait(WEDGE_GAP_MS + 10);
    type('34567892\n', 40);
    expect(seen).toMatchObject({ scans: [], torn: ['no-suffix'] });
  });

  test('at whichever key, at whichever pace: never is a shorter code handed on, and the next one is read', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 1, max: WEDGE_GAP_MS }),
        fc.integer({ min: WEDGE_GAP_MS + 1, max: FALTER_MS - WEDGE_GAP_MS }),
        (keys, gapMs, pauseMs) => {
          const { seen, type, wait } = createTill();
          type(CODE.slice(0, keys), gapMs);
          wait(pauseMs);
          type(`${CODE.slice(keys)}\n`, gapMs);
          expect(seen.scans).toEqual([]);
          wait(1_500);
          type(`${CODE}\n`, gapMs);
          expect(seen.scans).toEqual([CODE]);
        },
      ),
    );
  });

  test('is not suspected where a person typed well before it, or one key just before', () => {
    const { seen, type, wait } = createTill();
    type('in', 30);
    wait(400);
    type('6901234567892\n');
    wait(300);
    type('x', 100);
    wait(WEDGE_GAP_MS + 10);
    type('4006381333931\n');
    expect(seen).toMatchObject({ value: 'inx', scans: ['6901234567892', '4006381333931'] });
  });
});

describe('keys that were never let go of', () => {
  test('a doubled character whose first key stayed down refuses the code: nobody can say how many there were', () => {
    const { seen, press, type } = createTill();
    type('690122');
    press('Digit2', { key: '2', repeat: true });
    type('45\n');
    expect(seen).toMatchObject({ value: '', scans: [], torn: ['unmapped'] });
  });

  test('a key that a person holds down while another scans is no part of the code', () => {
    const { seen, press, type } = createTill();
    type('69012');
    press('KeyX', { key: 'x', repeat: true });
    type('345\n');
    expect(seen).toMatchObject({ value: '', scans: ['69012345'], torn: [] });
  });

  test('the right Alt key whose letting go was lost spoils no later code', () => {
    const { seen, press, type } = createTill();
    press('AltRight', { altKey: true });
    type('6901234567892\n', 20);
    expect(seen.scans).toEqual(['6901234567892']);
  });

  test('an Alt code whose end was lost leaves nothing for the next one', () => {
    const { seen, press, type, altCode } = createTill();
    press('AltLeft', { altKey: true });
    press('Numpad0', { altKey: true });
    type('abcd');
    altCode('065');
    type('\n');
    expect(seen.scans).toEqual(['abcdA']);
  });
});

describe('a fast person', () => {
  test.each(['Backspace', 'Delete', 'ArrowLeft', 'Home', 'Escape'])(
    'who corrects with %s keeps what they typed, and the key acts',
    (code) => {
      const { seen, press, type } = createTill();
      type('abcd', 40);
      expect(press(code, {}, 40)).toBe(true);
      expect(seen).toMatchObject({ value: 'abcd', scans: [], torn: [] });
    },
  );

  test('who lets their finger stay on the last key keeps all of it', () => {
    const { seen, press, type } = createTill();
    type('abcd', 40);
    press('KeyD', { key: 'd', repeat: true }, 260);
    press('KeyD', { key: 'd', repeat: true }, 33);
    expect(seen).toMatchObject({ value: 'abcddd', scans: [], torn: [] });
  });
});
