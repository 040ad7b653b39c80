import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { testWithProgram } from '../support/machine.ts';
import { type Pos, pairPos } from '../support/pos.ts';
import { type Pty, startPty } from '../support/pty.ts';
import { cardOf, MANAGER, SMALL_RULES, smallChain } from '../support/small-chain.ts';
import { nextEvents, openEvents } from '../support/sse.ts';
import {
  loadChain,
  prepareTillFolder,
  startTill,
  type TestTill,
  type TillFolder,
} from '../support/till.ts';

const onSerialLine = testWithProgram('socat');

describe('a till on a real serial line', () => {
  let pty: Pty | undefined;
  let folder: TillFolder | undefined;
  let till: TestTill | undefined;
  let pos: Pos;

  beforeAll(async () => {
    if (onSerialLine !== test) return;
    pty = await startPty();
    folder = prepareTillFolder({ rules: SMALL_RULES, chain: smallChain(10) });
    await loadChain(folder);
    till = await startTill(folder, ['--scanner', pty.path]);
    pos = await pairPos(till, MANAGER);
  });

  afterAll(async () => {
    await till?.stop();
    await pty?.stop();
    folder?.remove();
  });

  onSerialLine(
    'shows a code written to the line on GET /v1/events as a sighting and, for a known member, an identification',
    async () => {
      const events = await openEvents(till?.address ?? '', pos.token);
      pty?.write(`${cardOf(3)}\r`);
      const [sighting, identification] = await nextEvents(
        events,
        ({ body }) => body.kind === 'sighting' || body.kind === 'identification',
        2,
      );
      expect(sighting?.body).toMatchObject({
        kind: 'sighting',
        deviceId: 'scanner-1',
        codeClass: 'member',
      });
      expect(identification?.body).toMatchObject({
        kind: 'identification',
        identification: { outcome: 'identified', member: { memberId: 'member-3', points: 1_000 } },
      });
      events.close();
    },
  );

  onSerialLine('passes an article code on to the POS and names nobody', async () => {
    const events = await openEvents(till?.address ?? '', pos.token);
    const gtin = smallChain(1).articles[0]?.gtin ?? '';
    pty?.write(`]E0${gtin}\r\n`);
    const [sighting] = await nextEvents(events, ({ body }) => body.kind === 'sighting', 1);
    expect(sighting?.body).toMatchObject({
      kind: 'sighting',
      codeClass: 'article',
      text: gtin,
      redacted: false,
    });
    events.close();
  });
});
