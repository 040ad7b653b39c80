// Runs seeds with each guard of guards.ts taken out until one shows it, and the same seeds with all guards in:
// `node hunt.ts [NAME]`, one line of JSON each. One process with one database engine: a guard's program is a copy of its modules.
import { readFileSync } from 'node:fs';
import { registerHooks, stripTypeScriptTypes } from 'node:module';
import { fileURLToPath } from 'node:url';
import { openStage } from '../../../agent/main/simulate/open-stage.ts';
import type * as Simulator from '../../../agent/main/simulate/run-seed.ts';
import { GUARDS, type Guard, SEEDS_MAX, STORES } from './guards.ts';

/** What came of a guard. */
export interface Hunted {
  readonly guard: string;
  /** Seeds that were run, the last of them with the guard out shows it, or none does. */
  readonly seeds: readonly number[];
  readonly without: readonly { readonly invariant: string; readonly detail: string }[];
  readonly with: readonly { readonly invariant: string; readonly detail: string }[];
  /** Processor time, in milliseconds. */
  readonly cpuMs: number;
}

const ROOT = new URL('../../../', import.meta.url).href;
const RUN_SEED = `${ROOT}agent/main/simulate/run-seed.ts`;
/** Shared by all copies: what the one engine throws is of a class of theirs. */
const SHARED = [`${ROOT}sync/hq/database/`, `${ROOT}node_modules/`];
const numberOf = (url: string | undefined): string | undefined => url?.split('?guard=')[1];

registerHooks({
  resolve(specifier, context, next) {
    const resolved = next(specifier, context);
    const number = numberOf(context.parentURL);
    const isCopied =
      resolved.url.startsWith(ROOT) && !SHARED.some((at) => resolved.url.startsWith(at));
    if (number === undefined || !isCopied) return resolved;
    return { ...resolved, url: `${resolved.url}?guard=${number}` };
  },
  load(url, context, next) {
    const guard = GUARDS[Number(numberOf(url))];
    if (guard === undefined || url.split('?')[0] !== ROOT + guard.file) return next(url, context);
    const parts = readFileSync(fileURLToPath(ROOT + guard.file), 'utf8').split(guard.was);
    if (parts.length !== 2) throw new Error(`${guard.file} must hold this once: ${guard.was}`);
    const source = stripTypeScriptTypes(parts.join(guard.is));
    return { format: 'module', shortCircuit: true, source };
  },
});

const stage = await openStage(STORES);
const whole = await load(RUN_SEED);

function load(url: string): Promise<typeof Simulator> {
  return import(url) as Promise<typeof Simulator>;
}

async function hunt(guard: Guard, number: number): Promise<Hunted> {
  const began = process.cpuUsage();
  const patched = await load(`${RUN_SEED}?guard=${number}`);
  const run = async (simulator: typeof Simulator, seed: number) => {
    const { tills, hours, sales, faults } = guard;
    const { engine, root } = stage;
    const options = { seed, tills, hours, sales, faults, engine, root, stores: STORES };
    return (await simulator.runSeed(options)).violations;
  };
  const seeds: number[] = [];
  const sound: Hunted['with'][number][] = [];
  let found: Hunted['without'] = [];
  for (let seed = guard.seed; seeds.length < SEEDS_MAX && found.length === 0; seed += 1) {
    seeds.push(seed);
    found = await run(patched, seed);
  }
  for (const seed of seeds) sound.push(...(await run(whole, seed)));
  const { user, system } = process.cpuUsage(began);
  const cpuMs = Math.round((user + system) / 1_000);
  return { guard: guard.guard, seeds, without: found, with: sound, cpuMs };
}

const wanted = process.argv[2];
for (const [number, guard] of GUARDS.entries())
  if (wanted === undefined || guard.guard.startsWith(wanted))
    process.stdout.write(`${JSON.stringify(await hunt(guard, number))}\n`);
await stage.close();
