import type { Command } from 'commander';
import type { MemberId } from '../../../agent/contract/ids.ts';
import type { PassIssuerList } from '../../protocol/pass.ts';
import { askHq } from './ask-hq.ts';
import { loadHqConfig } from './hq-config.ts';
import type { HqSystem } from './hq-system.ts';
import { complain, EXIT, print, withHqOptions } from './io.ts';

interface Options {
  readonly config?: string;
  readonly json?: boolean;
}
interface ReasonOptions extends Options {
  readonly reason: string;
}

/** `pass list|revoke` and `pass-keys list|rotate`: members' passes, and the keys that certify them. */
export function registerPass(program: Command, system: HqSystem): void {
  const pass = program.command('pass').description("members' passes: list those of one, end one");
  withHqOptions(
    pass
      .command('list')
      .description('the passes of a member')
      .argument('<member>', 'id of the member'),
  ).action(async (memberId: string, options: Options) => {
    const config = loadHqConfig(options.config, { ...options });
    if (!config.ok) return complain(options.json, config.error);
    const answer = await askHq(config.value, system, 'listPasses', {
      memberId: memberId as MemberId,
    });
    if (!answer.ok) return complain(options.json, answer.error, EXIT.problems);
    print(options.json, answer.value, () =>
      answer.value.passes.length === 0
        ? '没有会员凭证 / no pass'
        : answer.value.passes
            .map(
              ({ keyId, alg, linkedAt, validUntil }) =>
                `${keyId}  ${alg}  ${linkedAt} - ${validUntil}`,
            )
            .join('\n'),
    );
  });
  withHqOptions(
    pass
      .command('revoke')
      .description('end a pass, such as the one of a lost phone: every till refuses it')
      .argument('<key>', 'its key id, see `pass list`')
      .requiredOption('--reason <text>', 'why, for the record'),
  ).action(async (keyId: string, options: ReasonOptions) => {
    const config = loadHqConfig(options.config, { ...options });
    if (!config.ok) return complain(options.json, config.error);
    const { reason } = options;
    const answer = await askHq(config.value, system, 'revokePass', { keyId, reason });
    if (!answer.ok) return complain(options.json, answer.error, EXIT.problems);
    print(options.json, answer.value, () =>
      answer.value.removed
        ? `${keyId} 已停用 / revoked`
        : `${keyId} 没有这张凭证 / there is no such pass`,
    );
  });

  const keys = program.command('pass-keys').description('the keys that certify passes');
  withHqOptions(keys.command('list').description('which there are, and until when')).action(
    async (options: Options) => {
      const config = loadHqConfig(options.config, { ...options });
      if (!config.ok) return complain(options.json, config.error);
      const answer = await askHq(config.value, system, 'listPassIssuers', {});
      if (!answer.ok) return complain(options.json, answer.error, EXIT.problems);
      print(options.json, answer.value, () => lines(answer.value));
    },
  );
  withHqOptions(
    keys
      .command('rotate')
      .description('certify with the next key from here on; passes of the one before stay good')
      .requiredOption('--reason <text>', 'why, for the record'),
  ).action(async (options: ReasonOptions) => {
    const config = loadHqConfig(options.config, { ...options });
    if (!config.ok) return complain(options.json, config.error);
    const answer = await askHq(config.value, system, 'rotatePassIssuer', {
      reason: options.reason,
    });
    if (!answer.ok) return complain(options.json, answer.error, EXIT.problems);
    print(options.json, answer.value, () => lines(answer.value));
  });
}

function lines({ issuers }: PassIssuerList): string {
  return issuers
    .map(
      ({ issuerId, state, validFrom, validUntil }) =>
        `${issuerId}  ${state.padEnd(8)}  ${validFrom} - ${validUntil}`,
    )
    .join('\n');
}
