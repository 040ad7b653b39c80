import { existsSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { err, ok, type Result, type Text, text } from '../../contract/index.ts';
import { readTextFile } from '../commands/read-input-file.ts';

/** The most pictures and pairs of one set: every two pictures are compared, so work grows with the square. */
export const FACE_IMAGES_MAX = 5_000;
export const FACE_PAIRS_MAX = 200_000;

const CSV_MAX_BYTES = 32 * 1024 * 1024;
const IMAGES = 'images.csv';
const PAIRS = 'pairs.csv';
const ROLES: readonly string[] = ['enrol', 'probe', 'stranger'];

export type FaceRole = 'enrol' | 'probe' | 'stranger';

export interface FaceImage {
  readonly file: string;
  readonly person: string;
  readonly role: FaceRole;
}

export interface FacePair {
  readonly a: string;
  readonly b: string;
  readonly same: boolean;
}

/** A folder of photographs with `images.csv` (file, person, role) and `pairs.csv` (a, b, same). */
export interface FaceSet {
  readonly folder: string;
  readonly images: readonly FaceImage[];
  readonly pairs: readonly FacePair[];
}

export interface FaceSetError {
  readonly code: 'no-folder' | 'bad-csv' | 'too-many' | 'unreadable';
  readonly message: Text;
  readonly remedy: Text;
  readonly detail: string;
}

/**
 * Reads the two tables of a set; pictures are only named. A table that contradicts itself is refused with its line, since
 * its figures would be wrong without anybody seeing it. Pairs may name pictures that `images.csv` does not.
 */
export function readFaceSet(folder: string): Result<FaceSet, FaceSetError> {
  if (!existsSync(folder) || !statSync(folder).isDirectory())
    return refuse('no-folder', '没有这个文件夹', 'There is no such folder', folder);
  const images = readCsv(join(folder, IMAGES), ['file', 'person', 'role'], FACE_IMAGES_MAX);
  if (!images.ok) return images;
  const pairs = readCsv(join(folder, PAIRS), ['a', 'b', 'same'], FACE_PAIRS_MAX);
  if (!pairs.ok) return pairs;
  const rows = images.value.map(
    ([file = '', person = '', role = '']): FaceImage => ({
      file: withSlashes(file),
      person,
      role: role as FaceRole,
    }),
  );
  const badImage = imageFault(rows);
  if (badImage !== null) return badLine(IMAGES, ...badImage);
  const badSame = pairs.value.findIndex(([, , same]) => same !== '0' && same !== '1');
  if (badSame !== -1) return badLine(PAIRS, badSame, 'same: neither 0 nor 1');
  const twos = pairs.value.map(
    ([a = '', b = '', same]): FacePair => ({
      a: withSlashes(a),
      b: withSlashes(b),
      same: same === '1',
    }),
  );
  const badPair = pairFault(twos, rows);
  if (badPair !== null) return badLine(PAIRS, ...badPair);
  return ok({ folder, images: rows, pairs: twos });
}

/** A row, counted from zero, and what is wrong with it. */
type Fault = readonly [number, string];

function imageFault(images: readonly FaceImage[]): Fault | null {
  const files = new Set<string>();
  const strangers = new Map<string, boolean>();
  for (const [at, { file, person, role }] of images.entries()) {
    if (file === '' || isOutside(file)) return [at, 'file: not inside the folder'];
    if (files.has(file)) return [at, 'file: listed twice'];
    if (person === '') return [at, 'person: empty'];
    if (!ROLES.includes(role)) return [at, 'role: not enrol, probe or stranger'];
    const isStranger = role === 'stranger';
    if ((strangers.get(person) ?? isStranger) !== isStranger)
      return [at, 'role: a stranger is never enrolled or probed'];
    files.add(file);
    strangers.set(person, isStranger);
  }
  return null;
}

function pairFault(pairs: readonly FacePair[], images: readonly FaceImage[]): Fault | null {
  const people = new Map(images.map(({ file, person }) => [file, person]));
  const at = pairs.findIndex(({ a, b, same }) => {
    const [left, right] = [people.get(a), people.get(b)];
    return a === b || (left !== undefined && right !== undefined && (left === right) !== same);
  });
  return at === -1 ? null : [at, 'same: not as images.csv has it'];
}

/** Tables written on Windows name files with the other slash. */
function withSlashes(file: string): string {
  return file.replaceAll('\\', '/');
}

function isOutside(file: string): boolean {
  return /^(\/|[A-Za-z]:)/.test(file) || file.split('/').includes('..');
}

/** Rows with the wanted columns in the wanted order; none of the values may hold a comma or a quotation mark. */
function readCsv(
  path: string,
  columns: readonly string[],
  maxRows: number,
): Result<string[][], FaceSetError> {
  const source = readTextFile(path, CSV_MAX_BYTES);
  if (!source.ok)
    return refuse('unreadable', `无法读取 ${path}`, `Cannot read ${path}`, source.error.detail);
  const [head = '', ...lines] = source.value.replace(/^\uFEFF/, '').split(/\r?\n/);
  const header = head.split(',').map((name) => name.trim());
  const missing = columns.find((name) => !header.includes(name));
  if (missing !== undefined)
    return refuse('bad-csv', `${path} 缺少一列`, `${path} lacks a column`, missing);
  while (lines.at(-1)?.trim() === '') lines.pop();
  if (lines.length > maxRows)
    return refuse(
      'too-many',
      `${path} 行数太多`,
      `${path} has too many rows`,
      `more than ${maxRows}`,
    );
  const rows = lines.map((line) => line.split(',').map((cell) => cell.trim()));
  const uneven = rows.findIndex(
    (cells) => cells.length !== header.length || cells.some((cell) => cell.includes('"')),
  );
  if (uneven !== -1)
    return badLine(basename(path), uneven, `not ${header.length} plain values with commas between`);
  const places = columns.map((name) => header.indexOf(name));
  return ok(rows.map((cells) => places.map((at) => cells[at] ?? '')));
}

function badLine(file: string, row: number, wrong: string): Result<never, FaceSetError> {
  // The header is line 1.
  const detail = `${file}, line ${row + 2}: ${wrong}`;
  return refuse('bad-csv', '表格内容不对', 'A table is not as it should be', detail);
}

function refuse(
  code: FaceSetError['code'],
  zhCN: string,
  en: string,
  detail: string,
): Result<never, FaceSetError> {
  const remedy = text(
    '文件夹应有 images.csv（file, person, role）和 pairs.csv（a, b, same）',
    'Give a folder with images.csv (file, person, role) and pairs.csv (a, b, same)',
  );
  return err({ code, message: text(zhCN, en), remedy, detail });
}
