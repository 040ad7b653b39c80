import type { Command } from 'commander';
import type { tillIdSchema } from '../../../agent/contract/ids.ts';
import { askHq } from './ask-hq.ts';
import { loadHqConfig } from './hq-config.ts';
import type { HqSystem } from './hq-system.ts';
import { complain, EXIT, print, withHqOptions } from './io.ts';

interface RevokeOptions {
  readonly config?: string;
  readonly reason: string;
  readonly json?: boolean;
}

/** `revoke`: takes a till out of service. */
export function registerRevoke(program: Command, system: HqSystem): void {
  withHqOptions(
    program
      .command('revoke')
      .description('take a till out of service: its sync ends at once, it may go on selling')
      .argument('<till>', 'id of the till')
      .requiredOption('--reason <text>', 'why, for the record'),
  ).action(async (till: string, options: RevokeOptions) => {
    const config = loadHqConfig(options.config, { ...options });
    if (!config.ok) return complain(options.json, config.error);
    const answer = await askHq(config.value, system, 'revokeTill', {
      // HQ knows no till of another form, and says so.
      tillId: till as ReturnType<typeof tillIdSchema.parse>,
      reason: options.reason,
    });
    if (!answer.ok) return complain(options.json, answer.error, EXIT.problems);
    print(options.json, answer.value, () =>
      answer.value.revoked ? `${till} 已停用 / revoked` : `${till} 早已停用 / was revoked before`,
    );
  });
}
