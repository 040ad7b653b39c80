import { type Command, Option } from 'commander';
import { text } from '../../../agent/contract/text.ts';
import { askHq } from './ask-hq.ts';
import { loadHqConfig } from './hq-config.ts';
import type { HqSystem } from './hq-system.ts';
import { complain, print, withHqOptions } from './io.ts';

const DAY_MS = 24 * 60 * 60_000;
/** A token is good for so long at most where days are given; without them it ends by being revoked. */
const DAYS_MAX = 36_500;
/** The shortest life of a token, a minute, in days. */
const MINUTE_DAYS = 60_000 / DAY_MS;

interface TokenOptions {
  readonly config?: string;
  readonly role: 'admin' | 'online';
  readonly name: string;
  readonly days?: string;
  readonly json?: boolean;
}

/** `token`: a bearer token for the web shop or for programs of IT; and `console`: a link for a person. */
export function registerToken(program: Command, system: HqSystem): void {
  withHqOptions(
    program
      .command('token')
      .description('make a bearer token for the web shop (online) or a program of IT (admin)')
      .addOption(
        new Option('--role <role>', 'what it may do')
          .choices(['online', 'admin'])
          .default('online'),
      )
      .requiredOption('--name <name>', 'who will hold it')
      .option('--days <number>', 'how long it is good for; absent = until revoked'),
  ).action(async (options: TokenOptions) => {
    const config = loadHqConfig(options.config, { ...options });
    if (!config.ok) return complain(options.json, config.error);
    const days = options.days === undefined ? undefined : Number(options.days);
    if (days !== undefined && !(days >= MINUTE_DAYS && days <= DAYS_MAX))
      return complain(options.json, {
        code: 'days-invalid',
        message: text(`天数不对：${options.days}`, `Not a number of days: ${options.days}`),
        remedy: text(
          `--days 给大于 0 且不超过 ${DAYS_MAX} 的数；不给则直到撤销`,
          `Give --days a number above 0 and up to ${DAYS_MAX}; without it the token is good until revoked`,
        ),
      });
    const made = await askHq(config.value, system, 'makeToken', {
      role: options.role,
      name: options.name,
      ...(days === undefined ? {} : { ttlMs: Math.ceil(days * DAY_MS) }),
    });
    if (!made.ok) return complain(options.json, made.error);
    print(options.json, made.value, () =>
      [
        made.value.token,
        '  只显示这一次 / shown this once; Authorization: Bearer TOKEN',
        `  ${made.value.expiresAt ?? '直到撤销 / until revoked'}`,
      ].join('\n'),
    );
  });

  withHqOptions(
    program.command('console').description('a fresh link that opens the console once'),
  ).action(async (options: TokenOptions) => {
    const config = loadHqConfig(options.config, { ...options });
    if (!config.ok) return complain(options.json, config.error);
    const made = await askHq(config.value, system, 'makeConsoleLink', {});
    if (!made.ok) return complain(options.json, made.error);
    print(options.json, made.value, () => made.value.link);
  });
}
