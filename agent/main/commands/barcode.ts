import type { Command } from 'commander';
import { type Text, text } from '../../contract/index.ts';
import { aiNamed } from '../../domain/gs1/ai-table.ts';
import { toBracketed } from '../../domain/gs1/bracketed.ts';
import { couponTermsOf } from '../../domain/gs1/coupon-terms.ts';
import { SEPARATOR } from '../../domain/gs1/element-string.ts';
import { gs1Sentences } from '../../domain/gs1/gs1-sentences.ts';
import { measureOf } from '../../domain/gs1/measures.ts';
import { linkOf, parseLenient, parseStrict } from '../../domain/gs1/parse-gs1.ts';
import { containsPaymentRun } from '../../domain/identify/payment-run.ts';
import { type RoutedCode, routeCode } from '../../domain/identify/route-code.ts';
import { defaultCodeRouteConfig } from '../../domain/identify/route-config.ts';
import { type BarcodeCasesReport, barcodeCasesSchema, runBarcodeCases } from './barcode-cases.ts';
import { both, type CommonOptions, complain, EXIT, print, withJsonOption } from './io.ts';
import { readJsonFile } from './read-input-file.ts';

const CASES_FILE_MAX_BYTES = 64 * 1024 * 1024;

interface ParseOptions extends CommonOptions {
  readonly aim?: string;
}

/** Adds `barcode parse|cases`: what a code says, and whether codes are read as expected. */
export function registerBarcode(program: Command): void {
  const barcode = program.command('barcode').description('read GS1 codes as the till reads them');
  withJsonOption(
    barcode.command('parse').description('say what a code holds; {GS} stands for the separator'),
  )
    .argument('<text>', 'the code, with its AIM identifier if the reader sent one')
    .option('--aim <id>', 'AIM identifier, such as ]C1, where the text does not begin with it')
    .action(parse);
  withJsonOption(barcode.command('cases').description('run a file of codes with expected readings'))
    .argument('<file>', 'JSON list of { id, kind, input, valid, ais, error }')
    .action(cases);
}

function parse(given: string, { aim, json }: ParseOptions): void {
  if (aim !== undefined && !/^\][A-Za-z][0-9A-Za-z]$/.test(aim)) {
    complain(json, {
      code: 'bad-aim',
      message: text(`AIM 标识不对：${aim}`, `This is no AIM identifier: ${aim}`),
      remedy: text('写成 ]C1 这样的三个字符', 'Give three characters such as ]C1'),
    });
    return;
  }
  const report = reportOf(given.replaceAll('{GS}', SEPARATOR), aim);
  print(json, report, () => parsedText(report));
  process.exitCode = report.valid ? EXIT.ok : EXIT.problems;
}

/** What `barcode parse` prints: what could be read, and everything that is wrong. */
function reportOf(code: string, aim: string | undefined) {
  const input = { text: code, aim, form: 'typed' as const };
  const lenient = parseLenient(input);
  const strict = parseStrict(input);
  const route = routeAtTill(code, aim);
  // The digits of a payment code are repeated nowhere, whatever else they look like.
  const isPayment = route.class === 'payment';
  const elements = isPayment ? [] : lenient.elements;
  const measure = measureOf(elements);
  const coupon = couponTermsOf(elements);
  return {
    valid: strict.ok,
    form: lenient.form,
    ...(lenient.aim === undefined ? {} : { aim: lenient.aim }),
    ...(lenient.number === undefined ? {} : { number: lenient.number }),
    elements: elements.map(({ ai, value }) => ({ ai, title: titleOf(ai), value })),
    bracketed: toBracketed(elements),
    digitalLink: strict.ok && !isPayment ? linkOf(strict.value) : null,
    route,
    ...(measure === undefined ? {} : { measure }),
    ...(coupon === undefined ? {} : { coupon }),
    errors: faults(lenient.errors, strict).map((error) => {
      const { why, next } = gs1Sentences(error);
      return { ...error, message: why, remedy: next };
    }),
  };
}

/** As a scan is taken: what is of no other use and has the digits of a payment code is kept back like one. */
function routeAtTill(code: string, aim: string | undefined): RoutedCode | { class: 'payment' } {
  const routed = routeCode({ text: code, aim });
  return routed.class === 'unknown' && containsPaymentRun(code, defaultCodeRouteConfig)
    ? { class: 'payment' }
    : routed;
}

/** What only strict reading refuses, such as a GTIN of 13 digits in a link, is told too. */
function faults(
  lenient: ReturnType<typeof parseLenient>['errors'],
  strict: ReturnType<typeof parseStrict>,
): ReturnType<typeof parseLenient>['errors'] {
  return lenient.length === 0 && !strict.ok ? [strict.error] : lenient;
}

function parsedText(report: ReturnType<typeof reportOf>): string {
  return [
    both(CLASSES[report.route.class]),
    ...(report.number === undefined ? [] : [report.number]),
    ...report.elements.map(({ ai, title, value }) => `(${ai}) ${value}  ${title}`),
    ...(report.digitalLink === null ? [] : [report.digitalLink]),
    ...report.errors.map(
      ({ code, message, remedy }) => `${code}: ${both(message)}\n  -> ${both(remedy)}`,
    ),
  ].join('\n');
}

const CLASSES: Readonly<Record<ReturnType<typeof routeCode>['class'], Text>> = {
  member: text('会员', 'member'),
  coupon: text('优惠券', 'coupon'),
  article: text('商品', 'article'),
  payment: text('付款码', 'payment code'),
  unknown: text('未识别', 'not recognised'),
};

function titleOf(ai: string): string {
  return aiNamed(ai)?.title ?? '';
}

function cases(file: string, { json }: CommonOptions): void {
  const source = readJsonFile(file, CASES_FILE_MAX_BYTES);
  if (!source.ok) {
    complain(json, source.error);
    return;
  }
  const read = barcodeCasesSchema.safeParse(source.value);
  if (!read.success) {
    const [issue] = read.error.issues;
    complain(json, {
      code: 'bad-cases',
      message: text('案例文件的内容不对', 'The file of cases is not as it should be'),
      remedy: text(
        '每个案例写成 { id, kind, input, valid, ais 或 error }',
        'Write each case as { id, kind, input, valid, ais or error }',
      ),
      detail: `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`,
    });
    return;
  }
  const report = runBarcodeCases(read.data);
  print(json, report, () => casesText(report));
  process.exitCode = report.failed === 0 ? EXIT.ok : EXIT.problems;
}

function casesText({ failures, unsupportedIds, ...counts }: BarcodeCasesReport): string {
  return [
    ...failures.map(
      ({ id, expected, actual }) =>
        `FAIL ${id}\n  expected ${JSON.stringify(expected)}\n  actual   ${JSON.stringify(actual)}`,
    ),
    ...unsupportedIds.map((id) => `unsupported ${id}`),
    `${counts.passed} passed, ${counts.failed} failed, ${counts.unsupported} unsupported`,
  ].join('\n');
}
