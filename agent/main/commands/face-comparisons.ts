import { z } from 'zod';
import { err, instantSchema, ok, type Result, type Text, text } from '../../contract/index.ts';
import { readTextFile } from './read-input-file.ts';

/** The most comparisons of one file; a busy store confirms some hundred a day. */
export const COMPARISONS_MAX = 1_000_000;
const FILE_MAX_BYTES = 128 * 1024 * 1024;

const comparisonSchema = z.strictObject({
  /** In the metric of the model. */
  distance: z.number().min(0).max(10),
  /** Whether a second factor or the cashier confirmed that both were one person. */
  same: z.boolean(),
  at: instantSchema,
});
/** What one match was worth, as a store found out afterwards. */
export type Comparison = z.infer<typeof comparisonSchema>;

export interface ComparisonsError {
  readonly code: string;
  readonly message: Text;
  readonly remedy: Text;
  readonly detail: string;
}

/** Reads a file of JSON lines, each one comparison; a refusal names the line. */
export function readComparisons(
  path: string,
  max: number = COMPARISONS_MAX,
): Result<readonly Comparison[], ComparisonsError> {
  const source = readTextFile(path, FILE_MAX_BYTES);
  if (!source.ok) return source;
  const comparisons: Comparison[] = [];
  for (const [at, line] of source.value
    .replace(/^\uFEFF/, '')
    .split('\n')
    .entries()) {
    if (line.trim() === '') continue;
    if (comparisons.length === max)
      return refuse(
        'too-many',
        text('比对记录太多', 'There are too many comparisons'),
        text('只保留最近的记录', 'Keep the latest ones alone'),
        `more than ${max}`,
      );
    const read = comparisonSchema.safeParse(jsonOf(line));
    if (!read.success) {
      const [issue] = read.error.issues;
      const place = issue?.path.join('.') ?? '';
      return refuse(
        'bad-line',
        text(`第 ${at + 1} 行的内容不对`, `Line ${at + 1} is not as it should be`),
        text(
          '每行写成 {"distance":0.43,"same":true,"at":"2026-05-01T09:30:00.000Z"}',
          'Write each line as {"distance":0.43,"same":true,"at":"2026-05-01T09:30:00.000Z"}',
        ),
        `${place === '' ? '' : `${place}: `}${issue?.message ?? ''}`,
      );
    }
    comparisons.push(read.data);
  }
  return ok(comparisons);
}

/** Text that is no JSON reads as nothing, which no comparison is. */
function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function refuse(
  code: string,
  message: Text,
  remedy: Text,
  detail: string,
): Result<never, ComparisonsError> {
  return err({ code, message, remedy, detail });
}
