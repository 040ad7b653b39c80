import { closeSync, constants, openSync } from 'node:fs';
import { find, same } from './report.ts';
import { reachBoth, type Stage } from './stage.ts';
import { scannerNodes, ways } from './usb-scanner.ts';

/** How often the cable is pulled in the middle of a code. */
const UNPLUGS = 20;
/** In every round of this number another program keeps the old nodes open, so the kernel gives other ones. */
const RENAMED_EVERY = 4;

/** The cable of a scanner in use is pulled, and pulled again. */
export async function findOutAboutUnplugs(stage: Stage): Promise<void> {
  /** Every node that the scanner has had. */
  const nodes = new Set<string>();
  await find(
    'twenty unplugs in the middle of a code cost no process and no whole code (Unplug inside a continued report)',
    () => unplugMidCode(stage, nodes),
  );
  await find(
    'a scanner that comes back under another node number is the same scanner (Node renamed on replug)',
    async () => {
      for (const kind of ['ttyACM', 'hidraw'])
        if ([...nodes].filter((node) => node.includes(kind)).length < 2)
          throw new Error(`the kernel never gave another ${kind}: ${[...nodes].join(', ')}`);
      await stage.scan('UNDER-ANY-NODE');
      return [...nodes].sort().join(', ');
    },
  );
}

async function unplugMidCode({ scanner, agent, scan }: Stage, nodes: Set<string>): Promise<string> {
  const before = await Promise.all(ways.map((way) => agent().statistics(way)));
  for (let round = 1; round <= UNPLUGS; round += 1) {
    for (const way of ways) await scanner.sendHalf(way);
    const held = scannerNodes();
    for (const node of held) nodes.add(node);
    const keepers = round % RENAMED_EVERY === 0 ? held.map(keepOpen) : [];
    await scanner.unplug();
    await reachBoth(agent(), 'absent');
    await scanner.plug();
    for (const keeper of keepers) closeSync(keeper);
    await reachBoth(agent(), 'ready');
    await scan(`ROUND-${round}`);
  }
  // The agent of the first round: nothing here starts a driver process again.
  same('process alive', agent().isAlive(), true);
  const after = await Promise.all(ways.map((way) => agent().statistics(way)));
  for (const [nth, way] of ways.entries()) {
    const grown = (name: 'scans' | 'unplugs' | 'reopens'): number =>
      (after[nth]?.[name] ?? 0) - (before[nth]?.[name] ?? 0);
    same(
      `scans, unplugs and reopens of ${way}`,
      [grown('scans'), grown('unplugs'), grown('reopens')],
      [UNPLUGS, UNPLUGS, UNPLUGS],
    );
  }
  return `half codes dropped: ${after.map(({ partial }) => partial).join(' and ')}`;
}

const keepOpen = (node: string): number =>
  openSync(node, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
