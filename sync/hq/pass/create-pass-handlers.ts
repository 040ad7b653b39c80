import { assert, err, ok, type Result } from '../../../agent/contract/result.ts';
import { toInstant } from '../../../agent/contract/time.ts';
import type { HqReply } from '../../protocol/hq-api.ts';
import { type HqFailure, hqFailure } from '../../protocol/hq-error.ts';
import { PASS_CALLS_MAX } from '../../protocol/pass.ts';
import { tillOf } from '../books/callers.ts';
import type { HqDeps, HqHandlers } from '../deps.ts';
import { refreshPass, removePass, revokePass, rotatePass } from './ask-pass.ts';
import { issuePassCode } from './issue-pass-code.ts';
import { linkPass } from './link-pass.ts';
import type { PassDeps } from './pass-deps.ts';
import type { PassIssuer, PassIssuers } from './pass-issuers.ts';
import { passKeysOf } from './pass-keys.ts';
import { publishIssuers, rotateIssuers } from './publish-issuers.ts';
import { issueWalletCard, revokeWalletCard } from './wallet-cards.ts';

type PassHandlers = Pick<
  HqHandlers,
  | 'issuePassCode'
  | 'linkPass'
  | 'refreshPass'
  | 'rotatePass'
  | 'removePass'
  | 'listPasses'
  | 'revokePass'
  | 'issueWalletCard'
  | 'revokeWalletCard'
  | 'listPassIssuers'
  | 'rotatePassIssuer'
>;

/** Members' passes. @param url where phones find headquarters; undefined = it has no page for them */
export function createPassHandlers(
  hq: HqDeps,
  issuers: PassIssuers,
  url: () => string | undefined,
): PassHandlers {
  const deps: PassDeps = { ...hq, issuers, url };
  let underWay = 0;

  /** Anybody may call these: so many at a time, that sales go on whoever does. */
  async function limited<T>(
    work: () => Promise<Result<T, HqFailure>>,
  ): Promise<Result<T, HqFailure>> {
    if (underWay >= PASS_CALLS_MAX) return err(hqFailure('busy'));
    underWay++;
    try {
      return await work();
    } finally {
      underWay--;
    }
  }

  return {
    async issuePassCode(caller, { memberId }) {
      const till = tillOf(caller);
      return till.ok ? issuePassCode(deps, till.value, memberId) : till;
    },
    linkPass: (_caller, request) => limited(() => linkPass(deps, request)),
    refreshPass: (_caller, request) => limited(() => refreshPass(deps, request)),
    rotatePass: (_caller, request) => limited(() => rotatePass(deps, request)),
    removePass: (_caller, request) => limited(() => removePass(deps, request)),
    async listPasses(_caller, { memberId }) {
      const keys = await passKeysOf(deps.db, memberId);
      const passes = keys.map((key) => ({
        keyId: key.key_id,
        alg: key.alg,
        linkedAt: toInstant(key.linked_at_ms),
        validUntil: toInstant(key.valid_until_ms),
        counter: key.counter,
      }));
      return ok({ passes });
    },
    revokePass: (_caller, request) => revokePass(deps, request),
    async issueWalletCard(caller, request) {
      assert(caller.kind === 'admin', 'only people of headquarters issue wallet cards');
      return issueWalletCard(deps, caller.name, request);
    },
    async revokeWalletCard(caller, request) {
      assert(caller.kind === 'admin', 'only people of headquarters end wallet cards');
      return revokeWalletCard(deps, caller.name, request);
    },
    async listPassIssuers() {
      const read = await deps.db.transaction((tx) => publishIssuers(tx, deps, issuers));
      return read.ok ? ok(shown(read.value)) : read;
    },
    async rotatePassIssuer(caller, { reason }) {
      assert(caller.kind === 'admin', 'only people of headquarters turn the issuers');
      const turned = await deps.db.transaction((tx) => rotateIssuers(tx, deps, issuers));
      if (!turned.ok) return turned;
      deps.log('info', 'the issuer of passes was rotated', { by: caller.name, reason });
      return ok(shown(turned.value));
    },
  };
}

function shown(issuers: readonly PassIssuer[]): HqReply<'listPassIssuers'> {
  return {
    issuers: issuers.map(({ issuerId, state, validFromMs, validUntilMs }) => ({
      issuerId,
      state,
      validFrom: toInstant(validFromMs),
      validUntil: toInstant(validUntilMs),
    })),
  };
}
