import type { Command } from 'commander';
import type { MemberId } from '../../../agent/contract/ids.ts';
import { askHq } from './ask-hq.ts';
import { loadHqConfig } from './hq-config.ts';
import type { HqSystem } from './hq-system.ts';
import { complain, EXIT, print, withHqOptions } from './io.ts';

interface Options {
  readonly config?: string;
  readonly json?: boolean;
  readonly reason: string;
}

/** `wallet issue|revoke`: cards with a one-time password for the wallet app of a phone. */
export function registerWallet(program: Command, system: HqSystem): void {
  const wallet = program
    .command('wallet')
    .description('wallet cards with one-time passwords: give a member one, end it');
  /** A command about the card of one member. */
  const ofMember = (name: string, description: string): Command =>
    withHqOptions(
      wallet
        .command(name)
        .description(description)
        .argument('<member>', 'id of the member')
        .requiredOption('--reason <text>', 'why, for the record'),
    );

  ofMember(
    'issue',
    'make the secret of a member, in the place of the one before; it is shown once',
  ).action(async (memberId: string, options: Options) => {
    const config = loadHqConfig(options.config, { ...options });
    if (!config.ok) return complain(options.json, config.error);
    const input = { memberId: memberId as MemberId, reason: options.reason };
    const answer = await askHq(config.value, system, 'issueWalletCard', input);
    if (!answer.ok) return complain(options.json, answer.error, EXIT.problems);
    print(options.json, answer.value, () =>
      [
        '密钥只显示这一次 / the secret is shown this once',
        ...Object.entries(answer.value).map(([name, value]) => `${name.padEnd(13)}  ${value}`),
      ].join('\n'),
    );
  });
  ofMember('revoke', 'end the wallet card of a member').action(
    async (memberId: string, options: Options) => {
      const config = loadHqConfig(options.config, { ...options });
      if (!config.ok) return complain(options.json, config.error);
      const input = { memberId: memberId as MemberId, reason: options.reason };
      const answer = await askHq(config.value, system, 'revokeWalletCard', input);
      if (!answer.ok) return complain(options.json, answer.error, EXIT.problems);
      print(options.json, answer.value, () =>
        answer.value.removed ? '钱包卡已停用 / revoked' : '没有钱包卡 / there is no wallet card',
      );
    },
  );
}
