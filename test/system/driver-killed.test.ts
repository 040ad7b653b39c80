import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { EvaluateReply, TillEvent } from '../../agent/contract/index.ts';
import { childrenOf } from '../support/child-processes.ts';
import { testWithProgram } from '../support/machine.ts';
import { type Pos, pairPos } from '../support/pos.ts';
import { type Pty, startPty } from '../support/pty.ts';
import { CASHIER, cardOf, MANAGER, SMALL_RULES, smallChain } from '../support/small-chain.ts';
import { type EventStream, nextEvents, openEvents } from '../support/sse.ts';
import {
  loadChain,
  prepareTillFolder,
  startTill,
  type TestTill,
  type TillFolder,
} from '../support/till.ts';

const onSerialLine = testWithProgram('socat');
const CHAIN = smallChain(10);
const [TEA = '', MILK = '', SOAP = ''] = CHAIN.articles.map(({ gtin }) => gtin ?? '');
/** Was not scanned before, so that nobody takes it for a repetition. */
const UNSEEN = '6901234567892';
const LOOK_EVERY_MS = 25;

describe('the driver process is killed with -9 during a sale', () => {
  let pty: Pty;
  let folder: TillFolder;
  let till: TestTill;
  let pos: Pos;
  let events: EventStream;
  /** Everything the till has said, in order. */
  const said: TillEvent[] = [];

  beforeAll(async () => {
    if (onSerialLine !== test) return;
    pty = await startPty();
    folder = prepareTillFolder({
      rules: SMALL_RULES,
      chain: CHAIN,
      config: { allowance: 'self' },
    });
    await loadChain(folder);
    till = await startTill(folder, ['--scanner', pty.path]);
    pos = await pairPos(till, MANAGER);
    events = await openEvents(till.address, pos.token);
  });

  afterAll(async () => {
    // A test that broke off may have left it standing still.
    till?.child.kill('SIGCONT');
    events?.close();
    await till?.stop();
    await pty?.stop();
    folder?.remove();
  });

  const hear = async (fits: (event: TillEvent) => boolean): Promise<TillEvent> => {
    const keep = (event: TillEvent): boolean => {
      said.push(event);
      return fits(event);
    };
    const [found] = await nextEvents(events, keep, 1);
    if (found === undefined) throw new Error('no event');
    return found;
  };
  const hearArticle = (gtin: string): Promise<TillEvent> =>
    hear(({ body }) => body.kind === 'sighting' && body.text === gtin);
  /** What was scanned, as the till told it: the text where it may be told, else whose code it was. */
  const sightings = (): string[] =>
    said.flatMap(({ body }) =>
      body.kind === 'sighting' ? [body.codeClass === 'member' ? 'member' : (body.text ?? '')] : [],
    );

  const driverProcess = (): number => {
    const [pid] = childrenOf(till.child.pid ?? 0);
    if (pid === undefined) throw new Error('the till has no driver process');
    return pid;
  };
  const scannerState = async (): Promise<string | undefined> =>
    (await pos.call<{ devices: { state: string }[] }>('GET', '/status')).body.devices[0]?.state;
  /**
   * Kills the driver process, and has `rest` in the line before there is another: the till stands still meanwhile, so that
   * neither a slow machine nor a fast one changes what happens.
   */
  const killDrivers = async (rest: string): Promise<number> => {
    const pid = driverProcess();
    const agent = till.child.pid ?? 0;
    process.kill(agent, 'SIGSTOP');
    process.kill(pid, 'SIGKILL');
    pty.write(rest);
    await pty.delivered();
    process.kill(agent, 'SIGCONT');
    return pid;
  };
  const scannerIsBack = async (killed: number): Promise<void> => {
    while (childrenOf(till.child.pid ?? 0).every((pid) => pid === killed))
      await sleep(LOOK_EVERY_MS);
    while ((await scannerState()) !== 'ready') await sleep(LOOK_EVERY_MS);
  };

  onSerialLine(
    'the sale goes on to its commit, the scanner comes back by itself, and nothing is scanned twice',
    async () => {
      pty.write(`${cardOf(3)}\r`);
      const known = await hear(({ body }) => body.kind === 'identification');
      if (known.body.kind !== 'identification') throw new Error('no identification');
      const { identificationId, member } = known.body.identification;
      expect(member?.memberId).toBe('member-3');
      const evaluated = await pos.evaluate('basket-1', {
        currency: 'CNY',
        staffId: CASHIER.staffId,
        identificationId,
        lines: [{ lineId: 'a', sku: 'tea', qty: 1, unitPriceMinor: 1_250 }],
      });
      const evaluation: EvaluateReply = evaluated.body;
      expect(evaluated.status).toBe(200);
      const asked = { basketHash: evaluation.basketHash, staffId: CASHIER.staffId };
      const path = `/evaluations/${evaluation.evaluationId}`;
      expect((await pos.call('POST', `${path}/hold`, asked)).status).toBe(200);

      // The kill falls into the middle of a code, whose rest arrives while nobody listens.
      pty.write(`]E0${MILK.slice(0, 7)}`);
      await pty.delivered();
      const killed = await killDrivers(`${MILK.slice(7)}\r`);
      const paid = { paidMinor: evaluation.evaluation.payableMinor };
      const sold = await pos.call(
        'POST',
        `${path}/commit`,
        { ...asked, referenceId: 'sale-1', payment: paid },
        { 'idempotency-key': 'sale-1-key' },
      );
      expect(sold).toMatchObject({ status: 200, body: { kind: 'sale', state: 'COMMITTED' } });
      await scannerIsBack(killed);

      pty.write(`]E0${TEA}\r`);
      await hearArticle(TEA);
      // The card once, the article once; neither the half code nor its rest became one.
      expect(sightings()).toEqual(['member', TEA]);
      const identified = said.flatMap(({ body }) =>
        body.kind === 'identification' ? [body.identification.identificationId] : [],
      );
      expect(new Set(identified)).toEqual(new Set([identificationId]));
    },
  );

  onSerialLine(
    'a code scanned in the moment of the kill is told once or not at all, and its lost half is never taken for a code',
    async () => {
      said.length = 0;
      while ((await scannerState()) !== 'ready') await sleep(LOOK_EVERY_MS);
      const codes = [SOAP, MILK];
      for (const code of codes) {
        pty.write(`]E0${code}\r`);
        // The card waits in the line until the scanner is claimed again, and is dropped as old.
        const killed = await killDrivers(`]E0${cardOf(5)}\r`);
        await scannerIsBack(killed);
      }
      pty.write(`]E0${UNSEEN}\r`);
      await hearArticle(UNSEEN);
      const seen = sightings();
      expect(seen.at(-1)).toBe(UNSEEN);
      for (const code of codes)
        expect(seen.filter((text) => text === code).length).toBeLessThanOrEqual(1);
      expect(seen.filter((text) => text !== UNSEEN && !codes.includes(text))).toEqual([]);
    },
  );

  onSerialLine('the till ends as it should after all of it', async () => {
    expect(await till.stop()).toBe(0);
  });
});
