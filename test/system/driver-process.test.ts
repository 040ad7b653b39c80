import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { pairPos } from '../support/pos.ts';
import { CASHIER, cardOf, MANAGER, SMALL_RULES, smallChain } from '../support/small-chain.ts';
import { loadChain, prepareTillFolder, startTill } from '../support/till.ts';

/** Processes whose parent is `parent`. */
function childrenOf(parent: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        return (
          Number(readFileSync(`/proc/${name}/stat`, 'utf8').split(') ')[1]?.split(' ')[1]) ===
          parent
        );
      } catch {
        // Ended while we looked.
        return false;
      }
    })
    .map(Number);
}

it.skipIf(process.platform !== 'linux')(
  'a driver process that is killed is started again and takes no sale with it',
  async () => {
    const folder = prepareTillFolder({
      rules: SMALL_RULES,
      chain: smallChain(3),
      config: { devices: [{ id: 'sim', driver: 'sim-scanner', owner: 'agent' }] },
    });
    await loadChain(folder);
    const till = await startTill(folder);
    const pos = await pairPos(till, MANAGER);
    const { body: who } = await pos.identify(cardOf(1));
    const { body: evaluated } = await pos.evaluate('b1', {
      currency: 'CNY',
      staffId: CASHIER.staffId,
      identificationId: who.identificationId,
      lines: [{ lineId: 'a', sku: 'tea', qty: 1, unitPriceMinor: 1_250 }],
    });

    const [drivers] = childrenOf(till.child.pid ?? 0);
    if (drivers === undefined) throw new Error('the till has no driver process');
    process.kill(drivers, 'SIGKILL');

    const held = await pos.call('POST', `/evaluations/${evaluated.evaluationId}/hold`, {
      basketHash: evaluated.basketHash,
      staffId: CASHIER.staffId,
    });
    expect(held.status).toBe(200);
    const deviceState = async () =>
      (await pos.call<{ devices: { state: string }[] }>('GET', '/status')).body.devices[0]?.state;
    while (
      childrenOf(till.child.pid ?? 0).every((pid) => pid === drivers) ||
      (await deviceState()) !== 'ready'
    )
      await sleep(50);
    expect(await till.stop()).toBe(0);
    folder.remove();
  },
);
