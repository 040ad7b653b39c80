import type { Command } from 'commander';
import type { Text } from '../../contract/index.ts';

/** Exit codes of the operator's tool. */
export const EXIT = { ok: 0, problems: 1, usage: 2 } as const;

/** Options that every command takes. */
export interface CommonOptions {
  readonly json?: boolean;
}

/** With `--json` exactly one object on standard output, else the text form. */
export function print(json: boolean | undefined, object: unknown, text: () => string): void {
  process.stdout.write(json === true ? `${JSON.stringify(object)}\n` : `${text()}\n`);
}

/** A sentence in both languages, as a terminal shows it. */
export function both(sentence: Text): string {
  return `${sentence['zh-CN']} / ${sentence.en}`;
}

/** Says what went wrong and what to do, and sets the exit code. */
export function complain(
  json: boolean | undefined,
  error: {
    readonly code: string;
    readonly message: Text;
    readonly remedy: Text;
    readonly detail?: string;
  },
  exitCode: number = EXIT.usage,
): void {
  const { code, message, remedy, detail } = error;
  if (json === true)
    process.stdout.write(
      `${JSON.stringify({ error: { code, message, remedy, ...(detail === undefined ? {} : { detail }) } })}\n`,
    );
  process.stderr.write(
    `${both(message)}${detail === undefined ? '' : `\n  ${detail}`}\n  -> ${both(remedy)}\n`,
  );
  process.exitCode = exitCode;
}

/** The option that names the data folder. */
export function withDataOption(command: Command): Command {
  return command
    .option('--data <dir>', 'data folder of the till', 'data/till')
    .option('--key-file <file>', 'key of the database, outside the data folder');
}

/** The option for one JSON object on standard output. */
export function withJsonOption(command: Command): Command {
  return command.option('--json', 'print exactly one JSON object on standard output');
}
