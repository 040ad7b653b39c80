// Compares in a process of its own: `node compare-and-tell.ts SEED PAIRS`; exit 0 agree, 1 differ.
import { firstDisagreement } from './agree.ts';
import { lotsDisagreement } from './lots.ts';

/** One draw of lots to so many pairs. */
const LOTS = 4;

const [seed, pairs] = process.argv.slice(2).map(Number);
if (seed === undefined || pairs === undefined)
  throw new Error('usage: compare-and-tell SEED PAIRS');
const found = lotsDisagreement(seed, Math.ceil(pairs / LOTS)) ?? firstDisagreement(seed, pairs);
process.stdout.write(found === null ? 'agree\n' : `differ: ${JSON.stringify(found.engine)}\n`);
process.exitCode = found === null ? 0 : 1;
