import { z } from 'zod';
import { type Gs1Input, linkOf, parseStrict } from '../../domain/gs1/parse-gs1.ts';
import { aimOf, carrierOf } from '../../domain/gs1/symbology.ts';

/** The most cases that one file may hold. */
export const BARCODE_CASES_MAX = 100_000;

const caseSchema = z.object({
  id: z.string().min(1).max(200),
  /** `scan`: what a reader sends, AIM identifier first; `uri`: a Digital Link; `bracketed`: typed by people. */
  kind: z.string(),
  input: z.string(),
  valid: z.boolean(),
  /** Of a right message, `[[ai, value], ...]` in its order. */
  ais: z.array(z.tuple([z.string(), z.string()])).nullish(),
  aim: z.string().nullish(),
  /** The canonical link; absent in a scan or link that has none. */
  digitalLink: z.string().nullish(),
  /** Of a wrong one, words that name the AI concerned in brackets. */
  error: z.string().nullish(),
});

/** Expected readings of codes, as `till barcode cases` takes them. */
export const barcodeCasesSchema = z.array(caseSchema).max(BARCODE_CASES_MAX);

export type BarcodeCase = z.infer<typeof caseSchema>;

export interface BarcodeCasesReport {
  readonly passed: number;
  readonly failed: number;
  readonly unsupported: number;
  readonly failures: readonly {
    readonly id: string;
    readonly expected: unknown;
    readonly actual: unknown;
  }[];
  readonly unsupportedIds: readonly string[];
}

const FORMS: Readonly<Record<string, Gs1Input['form'] | 'scan'>> = {
  scan: 'scan',
  uri: 'link',
  bracketed: 'bracketed',
};

/** Reads each case strictly, as a credential is read, and compares. */
export function runBarcodeCases(cases: readonly BarcodeCase[]): BarcodeCasesReport {
  const failures: BarcodeCasesReport['failures'][number][] = [];
  const unsupportedIds: string[] = [];
  for (const one of cases) {
    const form = Object.hasOwn(FORMS, one.kind) ? FORMS[one.kind] : undefined;
    if (form === undefined) {
      unsupportedIds.push(one.id);
      continue;
    }
    const actual = reading(one, form);
    const expected = expectation(one, actual);
    if (!isSame(expected, actual)) failures.push({ id: one.id, expected, actual });
  }
  const failed = failures.length;
  const unsupported = unsupportedIds.length;
  return {
    passed: cases.length - failed - unsupported,
    failed,
    unsupported,
    failures,
    unsupportedIds,
  };
}

type Reading =
  | {
      readonly valid: true;
      readonly ais: readonly (readonly [string, string])[];
      readonly aim?: string;
      readonly digitalLink?: string | null;
    }
  | {
      readonly valid: false;
      /** The AIs concerned, one of which ours has to be; none where the words name none. */
      readonly ai: readonly string[];
      readonly error: unknown;
    };

function reading(
  { kind, input, aim, valid }: BarcodeCase,
  form: Gs1Input['form'] | 'scan',
): Reading {
  const read = parseStrict({ text: input, ...(form === 'scan' ? {} : { form }) });
  if (!read.ok)
    return {
      valid: false,
      ai: read.error.ai === undefined ? [] : [read.error.ai],
      error: read.error,
    };
  const { elements } = read.value;
  return {
    valid: true,
    ais: elements.map(({ ai, value }) => [ai, value]),
    ...(isAbsent(aim) || !valid || read.value.aim === undefined ? {} : { aim: read.value.aim }),
    // People's bracketed cases tell no link.
    ...(kind === 'bracketed' || !valid ? {} : { digitalLink: linkOf(read.value) }),
  };
}

/**
 * A symbology that the reference does not know, or a missing identifier, is a wrong message to it; to a till it is a code
 * that is not GS1. So such a case is as expected where neither it nor the till claims an AI, whatever its words are.
 */
function expectation(one: BarcodeCase, actual: Reading): Reading {
  const { kind, valid, aim, digitalLink } = one;
  const ais = one.ais ?? [];
  const error = one.error ?? '';
  if (valid)
    return {
      valid: true,
      ais,
      ...(isAbsent(aim) ? {} : { aim }),
      ...(kind === 'bracketed' ? {} : { digitalLink: digitalLink ?? null }),
    };
  const named = [...error.matchAll(/\bAI \((\d{2,4})\)/g)].map(([, ai = '']) => ai);
  if (actual.valid && isForeign(one) && ais.length === 0 && named.length === 0)
    return { valid: true, ais: [] };
  return { valid: false, ai: named, error };
}

/** A scan whose symbology, if it tells one, holds nothing of GS1. */
function isForeign({ kind, input }: BarcodeCase): boolean {
  const aim = aimOf(input);
  return kind === 'scan' && (aim === undefined || carrierOf(aim).kind === 'plain');
}

function isAbsent(field: unknown): field is null | undefined {
  return field === undefined || field === null;
}

function isSame(expected: Reading, actual: Reading): boolean {
  if (expected.valid !== actual.valid) return false;
  if (expected.valid) return JSON.stringify(expected) === JSON.stringify(actual);
  if (actual.valid) return false;
  return expected.ai.length === 0 || actual.ai.some((ai) => expected.ai.includes(ai));
}
