import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  FACE_IMAGES_MAX,
  FACE_PAIRS_MAX,
  readFaceSet,
} from '../../../../agent/main/face/read-face-set.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tillside-face-set-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const IMAGES = [
  'file,person,role',
  'img/a1.jpg,a,enrol',
  'img/a2.jpg,a,probe',
  'img/b.jpg,b,stranger',
];
const PAIRS = ['a,b,same', 'img/a1.jpg,img/a2.jpg,1', 'img/a1.jpg,img/b.jpg,0'];

function read(images: readonly string[] = IMAGES, pairs: readonly string[] = PAIRS, end = '\n') {
  writeFileSync(join(folder, 'images.csv'), images.join(end));
  writeFileSync(join(folder, 'pairs.csv'), pairs.join(end));
  return readFaceSet(folder);
}

function refusal(...given: Parameters<typeof read>): string {
  const set = read(...given);
  return set.ok ? 'ok' : `${set.error.code} ${set.error.detail}`;
}

test('a folder is read, with either end of line, a mark of UTF-8, columns in any order and further ones', () => {
  const wanted = {
    folder,
    images: [
      { file: 'img/a1.jpg', person: 'a', role: 'enrol' },
      { file: 'img/a2.jpg', person: 'a', role: 'probe' },
      { file: 'img/b.jpg', person: 'b', role: 'stranger' },
    ],
    pairs: [
      { a: 'img/a1.jpg', b: 'img/a2.jpg', same: true },
      { a: 'img/a1.jpg', b: 'img/b.jpg', same: false },
    ],
  };
  expect(read()).toEqual({ ok: true, value: wanted });
  const others = [
    '\uFEFFrole,note,file,person',
    'enrol,x,img\\a1.jpg,a',
    'probe,,img\\a2.jpg, a ',
    'stranger,,img\\b.jpg,b',
    '',
    '',
  ];
  expect(read(others, PAIRS, '\r\n')).toEqual({ ok: true, value: wanted });
});

test('a pair may name a picture that the other table does not: it is left out and counted', () => {
  expect(refusal(IMAGES, [...PAIRS, 'img/a1.jpg,img/else.jpg,0'])).toBe('ok');
});

describe('an unreadable or mis-laid-out folder is refused with what is wrong', () => {
  test('no folder, a file in its place, no table', () => {
    const code = (path: string) => {
      const set = readFaceSet(path);
      return set.ok ? 'ok' : set.error.code;
    };
    expect(code(join(folder, 'nowhere'))).toBe('no-folder');
    expect(code(folder)).toBe('unreadable');
    writeFileSync(join(folder, 'images.csv'), IMAGES.join('\n'));
    expect(code(folder)).toBe('unreadable');
    expect(code(join(folder, 'images.csv'))).toBe('no-folder');
  });

  const withImage = (line: string) => [...IMAGES, line];
  test.each([
    ['a missing column', ['file,person', 'x,y'], PAIRS, 'bad-csv role'],
    ['a file outside the folder', withImage('../x.jpg,c,enrol'), PAIRS, 'images.csv, line 5: file'],
    ['a full path', withImage('/x.jpg,c,enrol'), PAIRS, 'images.csv, line 5: file'],
    ['a full path of Windows', withImage('C:\\x.jpg,c,enrol'), PAIRS, 'images.csv, line 5: file'],
    ['no file', withImage(',c,enrol'), PAIRS, 'images.csv, line 5: file'],
    ['no person', withImage('x.jpg,,enrol'), PAIRS, 'images.csv, line 5: person'],
    ['another role', withImage('x.jpg,c,friend'), PAIRS, 'images.csv, line 5: role'],
    ['a file twice', withImage('img/b.jpg,b,stranger'), PAIRS, 'images.csv, line 5: file: listed'],
    ['an enrolled stranger', withImage('x.jpg,b,enrol'), PAIRS, 'images.csv, line 5: role'],
    ['a comma in a name', withImage('x.jpg,c, d,enrol'), PAIRS, 'images.csv, line 5: not 3 plain'],
    ['quotation marks', withImage('"x.jpg",c,enrol'), PAIRS, 'images.csv, line 5: not 3 plain'],
    ['an answer beside 0 and 1', IMAGES, [...PAIRS, 'x,y,yes'], 'pairs.csv, line 4: same'],
    ['a wrong answer', IMAGES, ['a,b,same', 'img/a1.jpg,img/a2.jpg,0'], 'pairs.csv, line 2: same'],
    ['a pair of one picture', IMAGES, ['a,b,same', 'img/b.jpg,img/b.jpg,1'], 'pairs.csv, line 2'],
  ])('%s', (_what, images, pairs, detail) => {
    expect(refusal(images, pairs)).toContain(detail);
  });

  test('more pictures or pairs than the limits', () => {
    const images = (count: number) => [
      IMAGES[0] ?? '',
      ...Array.from({ length: count }, (_, at) => `${at}.jpg,p${at},stranger`),
    ];
    const pairs = (count: number) => ['a,b,same', ...Array(count).fill('x,y,0')];
    expect(refusal(images(FACE_IMAGES_MAX), ['a,b,same'])).toBe('ok');
    expect(refusal(images(FACE_IMAGES_MAX + 1), ['a,b,same'])).toContain('too-many');
    expect(refusal(IMAGES, pairs(FACE_PAIRS_MAX))).toBe('ok');
    expect(refusal(IMAGES, pairs(FACE_PAIRS_MAX + 1))).toContain('too-many');
  });
});
