import type { Command } from 'commander';
import type { z } from 'zod';
import { type Text, text } from '../../../agent/contract/text.ts';
import { DONE_WORDS, exceptionWords } from '../../protocol/exception-words.ts';
import {
  type ExceptionCase,
  type ExceptionDone,
  exceptionDoneSchema,
} from '../../protocol/exceptions.ts';
import { type HqInput, type HqReply, hqApi } from '../../protocol/hq-api.ts';
import { askHq } from './ask-hq.ts';
import { loadHqConfig } from './hq-config.ts';
import type { HqSystem } from './hq-system.ts';
import { both, type Complaint, complain, EXIT, print, withHqOptions } from './io.ts';

type Options = Readonly<Record<string, string | boolean | undefined>>;
type DeskCall = 'listExceptions' | 'showException' | 'settleException' | 'reopenException';

/** `exceptions`: bookings that need a person: list, show, settle, open again. */
export function registerExceptions(program: Command, system: HqSystem): void {
  const desk = program
    .command('exceptions')
    .description('bookings that need a person: list, show, settle and reopen them');

  withHqOptions(
    desk
      .command('list')
      .description('list cases, the newest first; exit 1 where any of those asked for is open')
      .option('--state <state>', 'open, settled or all', 'open')
      .option('--code <code>', 'one kind of case')
      .option('--store <id>', 'one store')
      .option('--till <id>', 'one till')
      .option('--after <number>', 'go on after this case, as the page before says')
      .option('--limit <number>', 'cases at most (50 unless said, up to 200)'),
  ).action((options: Options) => {
    const { state, code, store, till, after, limit } = options;
    const input = { state, code, storeId: store, tillId: till, after, limit };
    return run(system, options, 'listExceptions', input, (reply) => {
      print(options['json'] === true, reply, () => listText(reply));
      if (reply.cases.some((one) => one.state === 'open')) process.exitCode = EXIT.problems;
    });
  });

  withHqOptions(desk.command('show').description('show a case, what to do next, and its history'))
    .argument('<number>', 'number of the case')
    .action((id: string, options: Options) =>
      run(system, options, 'showException', { id }, (reply) =>
        print(options['json'] === true, reply, () => caseText(reply.case)),
      ),
    );

  withHqOptions(desk.command('settle').description('settle a case; repeating it changes nothing'))
    .argument('<number>', 'number of the case')
    .requiredOption('--done <what>', `what was done: ${exceptionDoneSchema.options.join(', ')}`)
    .requiredOption('--note <text>', 'why, in a sentence; it stays on record')
    .action((id: string, options: Options) =>
      run(
        system,
        options,
        'settleException',
        { id, done: options['done'], note: options['note'] },
        (reply) => print(options['json'] === true, reply, () => changedText(reply)),
      ),
    );

  withHqOptions(
    desk.command('reopen').description('open a settled case again; what was done stays on record'),
  )
    .argument('<number>', 'number of the case')
    .requiredOption('--note <text>', 'why, in a sentence; it stays on record')
    .action((id: string, options: Options) =>
      run(system, options, 'reopenException', { id, note: options['note'] }, (reply) =>
        print(options['json'] === true, reply, () => changedText(reply)),
      ),
    );
}

async function run<Call extends DeskCall>(
  system: HqSystem,
  options: Options,
  call: Call,
  input: Readonly<Record<string, unknown>>,
  show: (reply: HqReply<Call>) => void,
): Promise<void> {
  const json = options['json'] === true;
  const given = Object.fromEntries(
    Object.entries(input).filter(([, value]) => value !== undefined),
  );
  const asked = (hqApi[call].input as z.ZodType as z.ZodType<HqInput<Call>>).safeParse(given);
  if (!asked.success) return complain(json, badInput(String(asked.error.issues[0]?.path[0])));
  const config = loadHqConfig(options['config'] as string | undefined, { ...options });
  if (!config.ok) return complain(json, config.error);
  const reply = await askHq(config.value, system, call, asked.data);
  if (!reply.ok) return complain(json, reply.error);
  show(reply.value);
}

const OPTION_NAMES: Readonly<Record<string, string>> = {
  id: '<number>',
  storeId: '--store',
  tillId: '--till',
};
const REMEDIES: Readonly<Record<string, Text>> = {
  id: text('写列表中的编号', 'Write the number that the list shows'),
  after: text('写上一页给出的编号', 'Write the number that the page before gave'),
  limit: text('1 到 200 的整数', 'A whole number from 1 to 200'),
  state: text('open、settled 或 all', 'One of open, settled, all'),
  done: text(
    `可选：${exceptionDoneSchema.options.join('、')}`,
    `One of ${exceptionDoneSchema.options.join(', ')}`,
  ),
  note: text('写一句原因，最多 500 字', 'Say why in a sentence of at most 500 characters'),
};

function badInput(field: string): Complaint {
  const name = OPTION_NAMES[field] ?? `--${field}`;
  return {
    code: 'usage',
    message: text(`${name} 的格式不对`, `${name} is not in the right form`),
    remedy: REMEDIES[field] ?? text('最多 64 个字符', 'At most 64 characters'),
  };
}

function listText({ cases, next, open }: HqReply<'listExceptions'>): string {
  const counts = Object.entries(open).map(([code, count]) => `${code} ${count}`);
  return [
    `待处理 / open: ${counts.join(', ') || '-'}`,
    ...cases.map(
      ({ id, at, state, code, storeId, tillId, seq }) =>
        `${String(id).padStart(8)}  ${at}  ${state.padEnd(8)} ${code.padEnd(24)} ${storeId ?? '-'} ${tillId ?? '-'}${seq === null ? '' : ` #${seq}`}`,
    ),
    ...(next === null ? [] : [`更多 / more: --after ${next}`]),
  ].join('\n');
}

function caseText(one: ExceptionCase): string {
  const { what, next } = exceptionWords(one.code);
  const { entry } = one;
  return [
    `${one.id}  ${one.state}  ${one.code}  ${one.at}`,
    both(what),
    ...(one.state === 'open' ? [`-> ${both(next)}`] : []),
    `  ${one.storeId ?? '-'} ${one.tillId ?? '-'}${one.seq === null ? '' : ` #${one.seq}`}${one.memberId === null ? '' : `  ${one.memberId}`}`,
    ...(entry === null
      ? []
      : [
          `  ${entry.kind} ${entry.returnId ?? entry.saleId}  ${entry.at}  ${entry.payableMinor} ${entry.currency}`,
        ]),
    `  ${JSON.stringify(one.detail)}`,
    ...one.steps.map(
      (step) =>
        `  ${step.at}  ${step.by}  ${step.step}${step.step === 'settled' ? ` (${doneText(step.done)})` : ''}: ${step.note}`,
    ),
  ].join('\n');
}

function doneText(done: ExceptionDone): string {
  return both(DONE_WORDS[done]);
}

function changedText({ changed, case: one }: HqReply<'settleException'>): string {
  const unchanged = both(text('没有改变', 'nothing was changed'));
  return `${changed ? '' : `(${unchanged})\n`}${caseText(one)}`;
}
