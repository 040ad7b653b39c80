import type { Command } from 'commander';
import type { Text } from '../../../agent/contract/text.ts';

/** Exit codes of the operator's tool. */
export const EXIT = { ok: 0, problems: 1, usage: 2 } as const;

/** What a command says when it cannot go on. */
export interface Complaint {
  readonly code: string;
  readonly message: Text;
  readonly remedy: Text;
  readonly detail?: string;
}

/** With `--json` exactly one object on standard output, else the text form. */
export function print(json: boolean | undefined, object: unknown, text: () => string): void {
  process.stdout.write(json === true ? `${JSON.stringify(object)}\n` : `${text()}\n`);
}

/** Says what went wrong and what to do, and sets the exit code. */
export function complain(
  json: boolean | undefined,
  { code, message, remedy, detail }: Complaint,
  exitCode: number = EXIT.usage,
): void {
  if (json === true) {
    const error = { code, message, remedy, ...(detail === undefined ? {} : { detail }) };
    process.stdout.write(`${JSON.stringify({ error })}\n`);
  }
  const more = detail === undefined ? '' : `\n  ${detail}`;
  process.stderr.write(`${both(message)}${more}\n  -> ${both(remedy)}\n`);
  process.exitCode = exitCode;
}

/** A sentence in both languages, as a terminal shows it. */
export function both(sentence: Text): string {
  return `${sentence['zh-CN']} / ${sentence.en}`;
}

/** The options by which every command finds HQ, and `--json`. */
export function withHqOptions(command: Command): Command {
  return command
    .option('--config <file>', 'settings of headquarters (JSON); flags go before them')
    .option('--data <dir>', 'data folder of headquarters')
    .option('--keys <dir>', 'keys folder, the same for all processes of a headquarters')
    .option(
      '--database <where>',
      'pglite (for trying out), embedded (PostgreSQL of its own), or postgres://... of a server',
    )
    .option('--json', 'print exactly one JSON object on standard output');
}
