import { closeSync, openSync, writeSync } from 'node:fs';

/** What the report must say about one row. */
export interface ExpectedProblem {
  readonly rowNo: number;
  readonly field: string;
  readonly code: string;
}

/** What a generated member file holds. */
export interface MemberFile {
  readonly rows: number;
  readonly sizeBytes: number;
  /** Every refused row, in order. */
  readonly refused: readonly ExpectedProblem[];
  readonly merged: number;
}

const HEADER = '会员号,姓名,手机,卡号,等级,标签,生日,门店,积分,更新时间,备注';
const FLUSH_CHARS = 1024 * 1024;

/**
 * Writes a CSV of members, the same for the same arguments: every twentieth row is faulty, one kind of fault after the
 * other, and every 97th row is a member who is there already under another id.
 */
export function writeMemberFile(
  path: string,
  rows: number,
  { note = '' }: { note?: string } = {},
): MemberFile {
  const file = openSync(path, 'w');
  const refused: ExpectedProblem[] = [];
  let merged = 0;
  let sizeBytes = 0;
  let waiting = `${HEADER}\r\n`;
  const flush = (): void => {
    sizeBytes += writeSync(file, waiting);
    waiting = '';
  };
  let fault = 0;
  for (let index = 1; index <= rows; index += 1) {
    // The header is row 1.
    const rowNo = index + 1;
    if (index % 20 === 0) {
      const [field, code, line] = FAULTS[fault % FAULTS.length]?.(index) ?? ['', '', ''];
      fault += 1;
      refused.push({ rowNo, field, code });
      waiting += line;
    } else if (index % 97 === 0) {
      merged += 1;
      waiting += rowOf(index, {
        phone: phoneOf(index - 1 - ((index - 1) % 20 === 0 ? 1 : 0)),
        note,
      });
    } else waiting += rowOf(index, { note });
    if (waiting.length >= FLUSH_CHARS) flush();
  }
  flush();
  closeSync(file);
  return { rows, sizeBytes, refused, merged };
}

interface Cells {
  readonly id?: string;
  readonly name?: string;
  readonly phone?: string;
  readonly card?: string;
  readonly tier?: string;
  readonly birthday?: string;
  readonly store?: string;
  readonly points?: string;
  readonly updatedAt?: string;
  readonly note?: string;
}

function rowOf(index: number, cells: Cells = {}): string {
  const {
    id = `m-${index}`,
    name = `会员${index}`,
    phone = phoneOf(index),
    card = `29${String(index).padStart(11, '0')}`,
    tier = index % 7 === 0 ? 'gold' : 'standard',
    birthday = `19${60 + (index % 40)}/${1 + (index % 12)}/${1 + (index % 28)}`,
    store = ['sh-01', 'cd-01', 'hz-01'][index % 3],
    points = String(index % 5_000),
    updatedAt = '2026-10-01 08:00:00',
    note = '',
  } = cells;
  return `${[id, name, phone, card, tier, '"vip;常客"', birthday, store, points, updatedAt, note].join(',')}\r\n`;
}

function phoneOf(index: number): string {
  return `139${String(index).padStart(8, '0')}`;
}

const FAULTS: readonly ((index: number) => [field: string, code: string, line: string])[] = [
  (index) => ['phone', 'invalid', rowOf(index, { phone: '12ab' })],
  (index) => ['phone', 'scientific', rowOf(index, { phone: '1.39E+10' })],
  (index) => ['birthday', 'invalid', rowOf(index, { birthday: '1990-02-30' })],
  (index) => ['memberId', 'missing', rowOf(index, { id: '' })],
  (index) => ['name', 'missing', rowOf(index, { name: '' })],
  (index) => ['homeStoreId', 'unknown-store', rowOf(index, { store: 'xx-99' })],
  (index) => ['points', 'invalid', rowOf(index, { points: '-5' })],
  (index) => ['', 'quote', rowOf(index, { name: '"李雷' })],
  (index) => ['', 'too-many-cells', rowOf(index, { note: 'a,b,c' })],
  (index) => ['name', 'encoding', rowOf(index, { name: '张\ufffd三' })],
  (index) => ['updatedAt', 'invalid', rowOf(index, { updatedAt: 'yesterday' })],
];
