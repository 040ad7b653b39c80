import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { err, ok, type Result, type Text, text } from '../../contract/index.ts';
import { readTextFile } from '../commands/read-input-file.ts';

/** The most pictures and pairs of one set: every two pictures are compared, so work grows with the square. */
export const FACE_IMAGES_MAX = 5_000;
export const FACE_PAIRS_MAX = 200_000;

const CSV_MAX_BYTES = 32 * 1024 * 1024;

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

/** Reads the two tables of a set; pictures are only named. */
export function readFaceSet(folder: string): Result<FaceSet, FaceSetError> {
  if (!existsSync(folder) || !statSync(folder).isDirectory())
    return refuse('no-folder', '没有这个文件夹', 'There is no such folder', folder);
  const images = readCsv(join(folder, 'images.csv'), ['file', 'person', 'role'], FACE_IMAGES_MAX);
  if (!images.ok) return images;
  const pairs = readCsv(join(folder, 'pairs.csv'), ['a', 'b', 'same'], FACE_PAIRS_MAX);
  if (!pairs.ok) return pairs;
  const roles: readonly string[] = ['enrol', 'probe', 'stranger'];
  const badRole = images.value.findIndex(([, , role = '']) => !roles.includes(role));
  if (badRole !== -1) return badLine('images.csv', badRole, 'role');
  const badSame = pairs.value.findIndex(([, , same]) => same !== '0' && same !== '1');
  if (badSame !== -1) return badLine('pairs.csv', badSame, 'same');
  const isOutside = ([file = '']: readonly string[]) =>
    file.startsWith('/') || file.split(/[\\/]/).includes('..');
  const outside = images.value.findIndex(isOutside);
  if (outside !== -1) return badLine('images.csv', outside, 'file');
  return ok({
    folder,
    images: images.value.map(([file = '', person = '', role]) => ({
      file,
      person,
      role: role as FaceRole,
    })),
    pairs: pairs.value.map(([a = '', b = '', same]) => ({ a, b, same: same === '1' })),
  });
}

/** Rows with the wanted columns in the wanted order; none of the values may hold a comma. */
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
  const rows = lines.filter((line) => line.trim() !== '');
  if (rows.length > maxRows)
    return refuse(
      'too-many',
      `${path} 行数太多`,
      `${path} has too many rows`,
      `more than ${maxRows}`,
    );
  const places = columns.map((name) => header.indexOf(name));
  return ok(
    rows.map((line) => {
      const cells = line.split(',');
      return places.map((at) => cells[at]?.trim() ?? '');
    }),
  );
}

function badLine(file: string, row: number, column: string): Result<never, FaceSetError> {
  const detail = `${file}, line ${row + 2}: ${column}`;
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
