import { createPrng } from '../../../../demo/prng.ts';
import { type Cells, csvOf, lineOf } from './proof-support.ts';

/** A damaged copy, and the members by what is wrong with them. */
export interface Planted {
  readonly content: Buffer;
  readonly missing: string[];
  readonly changed: string[];
  readonly extra: string[];
  /** Lines of the foreign file. */
  readonly unreadable: number[];
  readonly duplicate: number[];
}

/** A copy of the true rows in which every fourth is missing, damaged or doubled, one kind after the other. */
export function foreignCopy(rows: readonly Cells[], seed: number): Planted {
  const prng = createPrng(seed);
  const lines: (string | Buffer)[] = [csvOf([]).trimEnd()];
  const planted = {
    missing: [] as string[],
    changed: [] as string[],
    extra: [] as string[],
    unreadable: [] as number[],
    duplicate: [] as number[],
  };
  rows.forEach((row, index) => {
    const key = row['会员号'] as string;
    const rowNo = (): number => lines.length;
    if (index % 4 !== 3) {
      lines.push(lineOf(row));
      return;
    }
    const faults: readonly (() => void)[] = [
      () => planted.missing.push(key),
      () => {
        // One bit of a digit.
        const field = ['手机', '积分', '生日', '卡号'][prng.between(0, 3)] as string;
        lines.push(lineOf({ ...row, [field]: flipped(row[field] as string) }));
        planted.changed.push(key);
      },
      () => {
        // Cut behind the tier: what follows is not said, and HQ lacks it.
        lines.push(lineOf(row).split(',').slice(0, 5).join(','));
        planted.changed.push(key);
      },
      () => {
        lines.push(lineOf(row).split(',').slice(0, 2).join(','));
        // Without a tier nobody comes in; the line itself can be read.
        planted.missing.push(key);
      },
      () => {
        lines.push(`${key},"${row['姓名']}`);
        planted.unreadable.push(rowNo());
        planted.missing.push(key);
      },
      () => {
        const [before = '', after = ''] = lineOf(row).split(row['姓名'] as string);
        lines.push(
          Buffer.concat([Buffer.from(before), Buffer.from([0xd5, 0xc5, 0xff]), Buffer.from(after)]),
        );
        planted.unreadable.push(rowNo());
        planted.missing.push(key);
      },
      () => {
        lines.push(lineOf(row), lineOf(row));
        planted.duplicate.push(rowNo());
      },
      () => {
        lines.push(lineOf(row), lineOf({ ...row, 姓名: '别人' }));
        planted.duplicate.push(rowNo());
        planted.changed.push(key);
      },
      () => {
        lines.push(lineOf(row), lineOf({ ...row, 会员号: `d-${index}`, 卡号: '' }));
        planted.duplicate.push(rowNo());
        planted.extra.push(`d-${index}`);
      },
    ];
    faults[Math.floor(index / 4) % faults.length]?.();
  });
  const ends = lines.map((line) => Buffer.concat([Buffer.from(line), Buffer.from('\r\n')]));
  return { ...planted, content: Buffer.concat(ends) };
}

function flipped(text: string): string {
  const at = text.length - 1;
  return text.slice(0, at) + String.fromCharCode(text.charCodeAt(at) ^ 1);
}
