import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { DEMO_SEED, type DemoChain, generateDemoChain } from '../../demo/chain.ts';
import { publishRules } from '../../sync/hq/publish/publish-rules.ts';
import { signDocument } from '../../sync/protocol/signed-document.ts';
import { assert, RULE_SET_SCHEMA, type Text, text } from '../contract/index.ts';
import type { Store } from '../store/store.ts';
import { loadChainPackage } from './chain-package.ts';
import { type TillConfig, tillConfigSchema } from './config.ts';
import type { DemoFolders } from './demo-folder.ts';
import { systemRandom } from './system.ts';

const RULES_FILE = fileURLToPath(new URL('../../demo/rules.yaml', import.meta.url));
const KEY_ID = 'demo-chain';
/** Set in the database once the whole chain is in it. */
const LOADED = 'demoLoaded';

/** Everything the demo adds to a till: settings, people and goods, and examples for its screens. */
export interface DemoSetUp {
  readonly config: TillConfig;
  readonly chain: DemoChain;
  readonly folders: DemoFolders;
  /** Fills a fresh database; leaves one that holds the whole chain as it is. */
  prepare(store: Store): Promise<void>;
  /** What `/demo.json` shows: codes to scan and who can sign in. */
  readonly page: {
    readonly codes: readonly { label: Text; text: string }[];
    readonly staff: readonly object[];
  };
}

/** Prepares the demo chain in its folders. The same folders give the same chain again. */
export function setUpDemo(
  folders: DemoFolders,
  nowMs: number,
  overrides: Record<string, unknown> = {},
): DemoSetUp {
  const chain = generateDemoChain({ seed: DEMO_SEED, nowMs });
  const signingKey = signingKeyOf(folders.signingKey);
  signDemoRules(folders.rules, signingKey);
  const place = chain.tills[0];
  assert(place !== undefined, 'the demo chain has a till');
  const config = tillConfigSchema.parse({
    place,
    devices: [{ id: 'demo-scanner', driver: 'sim-scanner', owner: 'agent' }],
    // The demo has one till and no headquarters: it holds its own points.
    allowance: 'self',
    trustedKeys: [{ keyId: KEY_ID, publicKey: publicKeyOf(signingKey) }],
    ruleSetFile: folders.rules,
    demo: true,
    ...overrides,
  });
  return {
    config,
    chain,
    folders,
    page: { codes: codesOf(chain), staff: staffOf(chain, place.store.storeId) },
    async prepare(store) {
      if (store.meta.get(LOADED) !== undefined) return;
      const { staff, members, lots, articles } = chain;
      await loadChainPackage(
        store,
        {
          schema: 'tillside/chain-package/1',
          staff: staff.filter(worksAt(place.store.storeId)),
          members: [...members],
          lots: [...lots],
          articles: [...articles],
        },
        systemRandom,
      );
      // Last of all: a load that was cut off is done again, before anything was sold.
      store.transaction(() => store.meta.set(LOADED, '1'));
    },
  };
}

function signingKeyOf(file: string): KeyObject {
  if (existsSync(file)) return createPrivateKey(readFileSync(file));
  const { privateKey } = generateKeyPairSync('ed25519');
  writeFileSync(file, privateKey.export({ format: 'pem', type: 'pkcs8' }), { mode: 0o600 });
  return privateKey;
}

function publicKeyOf(privateKey: KeyObject): string {
  return createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).toString('base64');
}

function signDemoRules(file: string, key: KeyObject): void {
  const published = publishRules(readFileSync(RULES_FILE, 'utf8'));
  assert(published.ok, 'the demo rules publish without an error');
  writeFileSync(
    file,
    JSON.stringify(signDocument(RULE_SET_SCHEMA, published.value.ruleSet, KEY_ID, key)),
  );
}

/** Staff of a store and those who work everywhere. */
export function worksAt(storeId: string): (person: DemoChain['staff'][number]) => boolean {
  return (person) => person.storeId === null || person.storeId === storeId;
}

function staffOf(chain: DemoChain, storeId: string): object[] {
  return chain.staff
    .filter(worksAt(storeId))
    .map(({ staffId, pin, role }) => ({ staffId, pin, role }));
}

/** One of each kind of code that a scanner at a checkout meets. */
function codesOf(chain: DemoChain): { label: Text; text: string }[] {
  const gsrn = chain.members.find(
    (member) => member.gsrn !== undefined && member.status === 'active',
  )?.gsrn;
  const articles = chain.articles.filter((article) => article.gtin !== undefined).slice(0, 3);
  return [
    ...chain.showcase.map(({ card, shows }) => ({ label: shows, text: card })),
    ...(gsrn === undefined
      ? []
      : [{ label: text('GS1 会员码 (8018)', 'GS1 member code (8018)'), text: `]C18018${gsrn}` }]),
    { label: text('未登记的会员卡', 'a card nobody has'), text: '2999999999991' },
    ...articles.map(({ name, gtin }) => ({ label: name, text: gtin ?? '' })),
    {
      label: text('微信付款码（不保存）', 'a payment code (never stored)'),
      text: '134650813205778816',
    },
    { label: text('看不懂的码', 'a code nobody knows'), text: 'HELLO-42' },
  ];
}
