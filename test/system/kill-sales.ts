import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EntryReply, EvaluateReply } from '../../agent/contract/index.ts';
import { loadConfig } from '../../agent/main/config.ts';
import { openLocked } from '../../agent/main/open-locked.ts';
import { verifyLedger } from '../../agent/main/verify-ledger.ts';
import { createPrng, type Prng } from '../../demo/prng.ts';
import { type Pos, pairPos } from '../support/pos.ts';
import { CASHIER, cardOf, MANAGER, SMALL_RULES, smallChain } from '../support/small-chain.ts';
import { loadChain, prepareTillFolder, startTill, type TestTill } from '../support/till.ts';

export const MEMBERS = 20;
export const OPENING_POINTS = 1_000;
/** Longest pause between the begin of a doomed sale and the kill; a sale takes about 20 ms. */
export const KILL_WITHIN_MS = 40;
/** Attempts for one sale; each kill costs at most a few. */
const ATTEMPTS_MAX = 20;

/** What a run of sales under kills ended with. */
export interface KillReport {
  readonly seed: number;
  readonly sales: number;
  readonly kills: number;
  /** Replies that the POS saw, by its key. */
  readonly acknowledged: ReadonlyMap<string, EntryReply>;
  /** Sale entries in the till's ledger, by sale id. */
  readonly booked: readonly string[];
  readonly chain: { readonly ok: boolean; readonly detail: string };
  /** Points by member: what the POS reckons from the replies, and what the till holds. */
  readonly points: readonly {
    readonly memberId: string;
    readonly reckoned: number;
    readonly held: number;
  }[];
  /** Keys whose stored answer is not the one the POS saw. */
  readonly changedReplies: readonly string[];
}

/** A seed for a fresh run, or the one of TILLSIDE_SEED. */
export function chooseSeed(): number {
  const given = process.env['TILLSIDE_SEED'];
  return given === undefined ? randomBytes(4).readUInt32BE() : Number(given);
}

/**
 * Books `sales` sales through the public API and kills the agent with -9 at `kills` random points, as a POS that
 * asks again by its key until it knows. Which sales, when and what is bought follows from the seed; where exactly a
 * kill falls is the machine's own.
 */
export async function sellUnderKills(options: {
  seed: number;
  sales: number;
  kills: number;
}): Promise<KillReport> {
  const { seed, sales, kills } = options;
  const prng = createPrng(seed);
  const folder = prepareTillFolder({
    rules: SMALL_RULES,
    chain: smallChain(MEMBERS),
    config: { allowance: 'self' },
  });
  try {
    await loadChain(folder);
    let till: TestTill = await startTill(folder);
    let pos = await pairPos(till, MANAGER);
    const doomed = new Set<number>();
    while (doomed.size < kills) doomed.add(prng.between(0, sales - 1));
    const acknowledged = new Map<string, EntryReply>();
    const reckoned = new Map<string, number>();
    let killed = 0;

    for (let nth = 0; nth < sales; nth += 1) {
      const plan = planSale(prng, nth);
      const waitMs = prng.between(0, KILL_WITHIN_MS);
      const kill = doomed.has(nth)
        ? sleep(waitMs).then(async () => {
            killed += 1;
            await till.kill();
            till = await startTill(folder);
            pos = pos.at(till.address);
          })
        : Promise.resolve();
      const [reply] = await Promise.all([
        sellUntilKnown(
          () => pos,
          plan,
          () => kill,
        ),
        kill,
      ]);
      acknowledged.set(plan.key, reply);
      if (plan.member !== null) {
        const memberId = `member-${plan.member}`;
        reckoned.set(
          memberId,
          (reckoned.get(memberId) ?? OPENING_POINTS) + reply.pointsEarned - reply.pointsSpent,
        );
      }
    }

    const changedReplies: string[] = [];
    for (const [key, reply] of acknowledged) {
      const { body } = await pos.call<EntryReply>('GET', `/commits/${key}`);
      if (JSON.stringify(body) !== JSON.stringify(reply)) changedReplies.push(key);
    }
    await till.stop();

    const config = loadConfig(folder.configFile);
    if (!config.ok) throw new Error(config.error.message.en);
    const opened = openLocked(folder.dataDir, folder.keyFile, config.value.place);
    if (!opened.ok) throw new Error(opened.error.message.en);
    const { store, lock } = opened.value;
    const report: KillReport = {
      seed,
      sales,
      kills: killed,
      acknowledged,
      booked: store.ledger
        .after(0, 1_000_000)
        .filter(({ header }) => header.kind === 'sale')
        .map(({ header }) => header.saleId),
      chain: verifyLedger(store),
      points: Array.from({ length: MEMBERS }, (_, nth) => {
        const memberId = `member-${nth}`;
        return {
          memberId,
          reckoned: reckoned.get(memberId) ?? OPENING_POINTS,
          held: store.points.balance(memberId as never),
        };
      }),
      changedReplies,
    };
    store.close();
    lock.release();
    return report;
  } finally {
    folder.remove();
  }
}

/** One sale of a POS program, as the seed has it. */
export interface SalePlan {
  readonly key: string;
  readonly member: number | null;
  readonly basket: Record<string, unknown>;
}

/** The next sale of a seed: one in ten without a member, one in three of the others with points as money. */
export function planSale(prng: Prng, nth: number): SalePlan {
  const member = prng.between(0, 9) === 0 ? null : prng.between(0, MEMBERS - 1);
  const lines = Array.from({ length: prng.between(1, 4) }, (_, line) => ({
    lineId: `l${line}`,
    sku: ['tea', 'milk', 'soap'][prng.between(0, 2)],
    qty: prng.between(1, 3),
    unitPriceMinor: prng.between(100, 9_900),
  }));
  return {
    key: `sale-${String(nth).padStart(6, '0')}`,
    member,
    basket: {
      currency: 'CNY',
      lines,
      staffId: CASHIER.staffId,
      ...(member === null || prng.between(0, 2) > 0 ? {} : { pointsToSpend: prng.between(1, 50) }),
    },
  };
}

/** Sells as a careful POS does: whenever an answer is lost it asks by key first, then begins again. */
async function sellUntilKnown(
  pos: () => Pos,
  plan: SalePlan,
  restarted: () => Promise<void>,
): Promise<EntryReply> {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
    try {
      if (attempt > 0) {
        const known = await pos().call<EntryReply>('GET', `/commits/${plan.key}`);
        if (known.status === 200) return known.body;
      }
      const evaluation = await evaluateFor(pos(), plan, attempt);
      const held = await pos().call('POST', `/evaluations/${evaluation.evaluationId}/hold`, {
        basketHash: evaluation.basketHash,
        staffId: CASHIER.staffId,
      });
      if (held.status !== 200)
        throw new Error(`hold answered ${held.status} ${JSON.stringify(held.body)}`);
      const committed = await pos().call<EntryReply>(
        'POST',
        `/evaluations/${evaluation.evaluationId}/commit`,
        {
          basketHash: evaluation.basketHash,
          referenceId: plan.key,
          staffId: CASHIER.staffId,
          payment: { paidMinor: evaluation.evaluation.payableMinor },
        },
        { 'idempotency-key': plan.key },
      );
      if (committed.status === 200) return committed.body;
      throw new Error(`commit answered ${committed.status} ${JSON.stringify(committed.body)}`);
    } catch (error) {
      if (!isLostConnection(error)) throw error;
      // The till was killed: wait until it runs again before asking what became of the sale.
      await restarted();
    }
  }
  throw new Error(`sale ${plan.key} was not settled in ${ATTEMPTS_MAX} attempts`);
}

async function evaluateFor(pos: Pos, plan: SalePlan, attempt: number): Promise<EvaluateReply> {
  const identified = plan.member === null ? undefined : await pos.identify(cardOf(plan.member));
  const evaluated = await pos.evaluate(`${plan.key}-${attempt}`, {
    ...plan.basket,
    ...(identified === undefined ? {} : { identificationId: identified.body.identificationId }),
  });
  if (evaluated.status !== 200)
    throw new Error(`evaluate answered ${evaluated.status} ${JSON.stringify(evaluated.body)}`);
  return evaluated.body;
}

/** `fetch` reports a connection that broke as a TypeError with the system's error as cause. */
export function isLostConnection(error: unknown): boolean {
  return error instanceof TypeError || (error instanceof SyntaxError && /JSON/.test(error.message));
}
