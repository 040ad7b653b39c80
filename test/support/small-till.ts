import canonicalize from 'canonicalize';
import { defaultTillConfig } from '../../agent/app/config.ts';
import { createTill } from '../../agent/app/create-till.ts';
import { noHeadquarters } from '../../agent/app/no-headquarters.ts';
import { createPinHasher } from '../../agent/app/pin-hash.ts';
import type { Till } from '../../agent/app/till.ts';
import { assert, type Scope, type TillPlace } from '../../agent/contract/index.ts';
import { loadChainPackage } from '../../agent/main/chain-package.ts';
import { systemRandom, systemTimers } from '../../agent/main/system.ts';
import { createCredentialCrypto } from '../../agent/store/credential-crypto.ts';
import { createLedgerCrypto } from '../../agent/store/ledger-crypto.ts';
import type { Store } from '../../agent/store/store.ts';
import { createVoucherCrypto } from '../../agent/store/voucher-crypto.ts';
import { publishRules } from '../../sync/hq/publish/publish-rules.ts';
import { noDevices } from './no-devices.ts';
import { MANAGER, SMALL_RULES, smallChain } from './small-chain.ts';

/** A till over an empty store, with a small chain of `members` members and its rules; no devices, no headquarters. */
export async function createSmallTill(options: {
  readonly store: Store;
  readonly now: () => number;
  readonly place: TillPlace;
  readonly members: number;
}): Promise<Till> {
  const { store, now, place, members } = options;
  await loadChainPackage(store, smallChain(members), systemRandom);
  const published = publishRules(SMALL_RULES);
  assert(published.ok, 'the rules of the small chain publish');
  const { ruleSet } = published.value;
  const body = canonicalize(ruleSet);
  assert(body !== undefined, 'a rule set is a JSON value');
  store.documents.install({
    kind: 'rule-set',
    version: ruleSet.version,
    body,
    installedAtMs: now(),
  });
  return createTill({
    store,
    clock: { now, monoMs: () => performance.now() },
    timers: systemTimers,
    random: systemRandom,
    crypto: createLedgerCrypto(systemRandom),
    vouchers: createVoucherCrypto(),
    credentials: createCredentialCrypto(),
    pins: createPinHasher(systemRandom),
    place,
    config: defaultTillConfig,
    headquarters: noHeadquarters({ sinceMs: now() }),
    devices: noDevices(),
    log: () => undefined,
    version: '0.0.0-test',
    demo: false,
    language: 'zh-CN',
  });
}

/** Pairs a program the way a store does: a manager opens the window, the program sends the digits. */
export async function pairAt(
  till: Till,
  scopes: readonly Scope[],
): Promise<{ clientId: string; token: string }> {
  const window = await till.openPairing(MANAGER.staffId, MANAGER.pin, scopes);
  assert(window.ok, 'the manager opens pairing');
  const paired = await till.pair({ code: window.value.code, name: 'test POS', scopes });
  assert(paired.ok, 'the code pairs');
  return paired.value;
}
