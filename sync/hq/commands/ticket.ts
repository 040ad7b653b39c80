import { writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { ID_MAX_LENGTH, storeIdSchema, tillIdSchema } from '../../../agent/contract/ids.ts';
import { type Text, text } from '../../../agent/contract/text.ts';
import { askHq } from './ask-hq.ts';
import { loadHqConfig } from './hq-config.ts';
import type { HqSystem } from './hq-system.ts';
import { type Complaint, complain, print, withHqOptions } from './io.ts';

interface TicketOptions {
  readonly config?: string;
  readonly store: string;
  readonly url?: string;
  readonly out?: string;
  readonly json?: boolean;
}

/** `ticket`: a file that registers one till once, within a day. */
export function registerTicket(program: Command, system: HqSystem): void {
  withHqOptions(
    program
      .command('ticket')
      .description('make the ticket that registers one till, once, within 24 hours')
      .argument('<till>', 'id of the till, e.g. sh-001-t01')
      .requiredOption('--store <id>', 'the store where it stands')
      .option('--url <url>', 'where this till finds headquarters, if not where others do')
      .option('--out <file>', 'write the ticket there instead of showing it'),
  ).action(async (till: string, options: TicketOptions) => {
    const config = loadHqConfig(options.config, { ...options, url: undefined });
    if (!config.ok) return complain(options.json, config.error);
    const tillId = tillIdSchema.safeParse(till);
    if (!tillId.success)
      return complain(options.json, idInvalid(text('收银机编号', 'id of the till'), till));
    const storeId = storeIdSchema.safeParse(options.store);
    if (!storeId.success)
      return complain(
        options.json,
        idInvalid(text('门店编号 --store', 'id of the store, --store,'), options.store),
      );
    const ticket = await askHq(config.value, system, 'issueTicket', {
      tillId: tillId.data,
      storeId: storeId.data,
      ...(options.url === undefined ? {} : { url: options.url }),
    });
    if (!ticket.ok) return complain(options.json, ticket.error);
    const { out } = options;
    if (out === undefined) return print(true, ticket.value, () => '');
    try {
      writeFileSync(out, `${JSON.stringify(ticket.value, null, 2)}\n`, { mode: 0o600 });
    } catch (cause) {
      return complain(options.json, {
        code: 'not-written',
        message: text(`无法写入：${out}`, `Cannot be written: ${out}`),
        remedy: text('检查路径和写入权限', 'Check the path and the right to write there'),
        detail: cause instanceof Error ? cause.message : String(cause),
      });
    }
    print(options.json, { written: out, tillId: ticket.value.tillId }, () =>
      [
        `${out}: 24 小时内有效，只能用一次 / good once, within 24 hours`,
        `  at the till: till register ${out}`,
      ].join('\n'),
    );
  });
}

function idInvalid(what: Text, id: string): Complaint {
  return {
    code: 'id-invalid',
    message: text(
      `${what['zh-CN']} 的格式不对：“${id}”`,
      `The ${what.en} is not in the right form: "${id}"`,
    ),
    remedy: text(
      `以字母或数字开头，只用字母、数字和 . _ : -，不含空格，最多 ${ID_MAX_LENGTH} 个字符，例如 sh-001`,
      `Begin with a letter or digit; letters, digits and . _ : - only, no spaces, ${ID_MAX_LENGTH} characters at most, e.g. sh-001`,
    ),
  };
}
