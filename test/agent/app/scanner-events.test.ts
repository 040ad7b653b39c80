import { describe, expect, test } from 'vitest';
import {
  type DeviceId,
  type DeviceView,
  SCAN_TEXT_MAX,
  type ScannerOwner,
  toInstant,
} from '../../../agent/contract/index.ts';
import type { DriverEvent } from '../../../drivers/contract/event.ts';
import { TEST_NOW_MS } from '../../support/store.ts';
import { ANNA, listen, member, openTill, POS, value } from './rig.ts';

const PAYMENT_CODE = '134650813205778816';
const ARTICLE_CODE = '2000000000015';

function device(deviceId: string, owner: ScannerOwner): DeviceView {
  const hint = { 'zh-CN': '可用', en: 'ready' };
  return {
    deviceId: deviceId as DeviceId,
    driver: 'sim-scanner',
    owner,
    state: 'ready',
    since: toInstant(TEST_NOW_MS),
    simulated: true,
    hint,
    statistics: {},
  };
}

const DEVICES = [device('s-agent', 'agent'), device('s-pos', 'pos')];

function scan(
  deviceId: string,
  text: string,
  more: Partial<Extract<DriverEvent, { type: 'scan' }>> = {},
): DriverEvent {
  const at = { monoMs: 1, wall: toInstant(TEST_NOW_MS) };
  return {
    type: 'scan',
    id: 's1',
    deviceId,
    at,
    source: 'simulated',
    text,
    sizeBytes: text.length,
    complete: true,
    ...more,
  };
}

/** Lets readers of the stream run. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('a scanner of the agent', () => {
  test('makes a sighting of every code, and an identification of a member code', () => {
    const rig = openTill({ devices: DEVICES });
    rig.report(scan('s-agent', 'CARD-anna', { aim: ']C0', symbology: 'code-128' }));
    rig.report(scan('s-agent', ARTICLE_CODE));
    const bodies = rig.events().map(({ body }) => body);
    expect(bodies.slice(-3)).toMatchObject([
      {
        kind: 'sighting',
        deviceId: 's-agent',
        codeClass: 'member',
        aim: ']C0',
        symbology: 'code-128',
      },
      {
        kind: 'identification',
        identification: {
          outcome: 'identified',
          member: { memberId: ANNA },
          decision: { evidence: [{ source: 's-agent' }] },
        },
      },
      { kind: 'sighting', codeClass: 'article', text: ARTICLE_CODE, redacted: false },
    ]);
  });

  test('an article leaves the waiting member as they are', async () => {
    const rig = openTill({ devices: DEVICES });
    rig.report(scan('s-agent', 'CARD-anna'));
    rig.report(scan('s-agent', ARTICLE_CODE));
    rig.report(scan('s-agent', 'no idea'));
    expect(value(await rig.till.pendingIdentification())?.member?.memberId).toBe(ANNA);
  });

  test('an incomplete or over-long code is no sighting', () => {
    const rig = openTill({ devices: DEVICES });
    const before = rig.events().length;
    rig.report(scan('s-agent', 'CARD-an', { complete: false }));
    rig.report(scan('s-agent', 'x'.repeat(SCAN_TEXT_MAX + 1)));
    expect(rig.events()).toHaveLength(before);
    rig.report(scan('s-agent', 'x'.repeat(SCAN_TEXT_MAX)));
    expect(rig.events()).toHaveLength(before + 1);
  });
});

describe('a code that was lost on its way', () => {
  const lost = (more: Partial<Extract<DriverEvent, { type: 'error' }>> = {}): DriverEvent => ({
    type: 'error',
    deviceId: 's-agent',
    at: { monoMs: 1, wall: toInstant(TEST_NOW_MS) },
    code: 'E_EXTENDED',
    retryable: true,
    detail: 'a code that broke off',
    drop: 'interrupted',
    ...more,
  });

  test('is told to the screens with the number of codes that it stands for: somebody is to scan again', () => {
    const rig = openTill({ devices: DEVICES });
    rig.report(lost());
    rig.report(lost({ drop: 'garbage', count: 7 }));
    const bodies = rig.events().map(({ body }) => body);
    expect(bodies.slice(-2)).toMatchObject([
      {
        kind: 'device',
        deviceId: 's-agent',
        state: 'ready',
        lost: { why: 'interrupted', codes: 1 },
      },
      { kind: 'device', deviceId: 's-agent', state: 'ready', lost: { why: 'garbage', codes: 7 } },
    ]);
  });

  test('is not made of an error that cost no code, nor of a device that is not there any more', () => {
    const rig = openTill({ devices: DEVICES });
    const before = rig.events().length;
    const { drop: _none, ...refused } = lost() as Extract<DriverEvent, { type: 'error' }>;
    rig.report({ ...refused, code: 'E_CLAIMED' });
    rig.report(lost({ deviceId: 'gone' }));
    expect(rig.events()).toHaveLength(before);
  });
});

describe('the code of an article', () => {
  const LABEL = '0190614141000015310300073439221650';

  test('tells the POS its GTIN, weight in grams and price in minor units, whoever read it', async () => {
    const rig = openTill({ devices: DEVICES });
    const article = { gtin: '90614141000015', netGrams: 734, priceMinor: 1650 };
    rig.report(scan('s-agent', LABEL, { aim: ']C1' }));
    expect(rig.events().at(-1)?.body).toMatchObject({ codeClass: 'article', text: LABEL, article });
    value(await rig.till.wedgeScan(`]C1${LABEL}`));
    expect(rig.events().at(-1)?.body).toMatchObject({ aim: ']C1', text: LABEL, article });
    expect(value(await rig.till.identify(POS, { text: `]C1${LABEL}` }))).toMatchObject({
      outcome: 'not-a-member-code',
      codeClass: 'article',
      article,
    });
  });

  test('of a plain number tells the GTIN alone', () => {
    const rig = openTill({ devices: DEVICES });
    rig.report(scan('s-agent', ARTICLE_CODE));
    expect(rig.events().at(-1)?.body).toMatchObject({ article: { gtin: `0${ARTICLE_CODE}` } });
  });
});

describe('a keyboard scanner that sends AIM identifiers', () => {
  test('reads a card outside the configured patterns as any other scanner does', async () => {
    const rig = openTill();
    value(await rig.till.wedgeScan(']C0CARD-anna'));
    expect(value(await rig.till.pendingIdentification())?.member?.memberId).toBe(ANNA);
    expect(rig.events().find(({ body }) => body.kind === 'sighting')?.body).toMatchObject({
      codeClass: 'member',
      aim: ']C0',
      text: 'CARD-anna',
    });
  });

  test('beside the POS names that member to it, too', async () => {
    const rig = openTill();
    expect(value(await rig.till.identify(POS, { text: ']C0CARD-anna' }))).toMatchObject({
      outcome: 'identified',
      member: { memberId: ANNA },
    });
  });

  test('gives the POS a payment code that a wallet takes', async () => {
    const rig = openTill();
    const live = listen(rig.till);
    await settled();
    value(await rig.till.wedgeScan(`]Q0${PAYMENT_CODE}`));
    await settled();
    expect(live.seen).toMatchObject([{ paymentText: PAYMENT_CODE }]);
  });
});

test('a scanner of the pos makes sightings only: the POS says who is identified', async () => {
  const rig = openTill({ devices: DEVICES });
  rig.report(scan('s-pos', 'CARD-anna'));
  expect(rig.events().at(-1)?.body).toMatchObject({
    kind: 'sighting',
    codeClass: 'member',
    text: 'CARD-anna',
  });
  expect(value(await rig.till.pendingIdentification())).toBeNull();
});

test('a scan typed into the screen enters the same router', async () => {
  const rig = openTill();
  expect(value(await rig.till.wedgeScan('CARD-anna'))).toEqual({ accepted: true });
  expect(value(await rig.till.pendingIdentification())?.member?.memberId).toBe(ANNA);
  expect(rig.events().find(({ body }) => body.kind === 'sighting')?.body).toMatchObject({
    deviceId: 'wedge',
  });
});

test('a code that the camera of the screen read enters it, too, under its own name', async () => {
  const rig = openTill();
  expect(value(await rig.till.wedgeScan('CARD-anna', 'camera'))).toEqual({ accepted: true });
  expect(value(await rig.till.pendingIdentification())?.member?.memberId).toBe(ANNA);
  expect(rig.events().find(({ body }) => body.kind === 'sighting')?.body).toMatchObject({
    deviceId: 'camera',
  });
});

describe('a payment code', () => {
  test('reaches live readers beside the event and is stored redacted', async () => {
    const rig = openTill({ devices: DEVICES });
    const live = listen(rig.till);
    await settled();
    rig.report(scan('s-agent', PAYMENT_CODE));
    await settled();
    expect(live.seen).toMatchObject([
      {
        paymentText: PAYMENT_CODE,
        event: { body: { kind: 'sighting', codeClass: 'payment', redacted: true } },
      },
    ]);
    expect(JSON.stringify(live.seen[0]?.event)).not.toContain(PAYMENT_CODE);
    expect(JSON.stringify([rig.events(), rig.logged])).not.toContain(PAYMENT_CODE);
  });

  test.each([
    ['a NUL behind it', `${PAYMENT_CODE}\u0000`],
    ['a group separator behind it', `${PAYMENT_CODE}\u001d`],
    ['a zero-width space behind it', `${PAYMENT_CODE}\u200b`],
    ['a group separator before it', `\u001d${PAYMENT_CODE}`],
    ['a letter before it', `A${PAYMENT_CODE}`],
    ['a blank inside', `${PAYMENT_CODE.slice(0, 6)} ${PAYMENT_CODE.slice(6)}`],
    ['a tab inside', `${PAYMENT_CODE.slice(0, 6)}\t${PAYMENT_CODE.slice(6)}`],
    ['itself once more', `${PAYMENT_CODE}${PAYMENT_CODE}`],
    ["a wallet's address around it", 'https://qr.alipay.com/pay?code=281234567890123456'],
  ])('with %s is kept back all the same', async (_name, text) => {
    const rig = openTill({ devices: DEVICES });
    const live = listen(rig.till);
    await settled();
    value(await rig.till.wedgeScan(text));
    rig.report(scan('s-agent', text));
    const identified = value(await rig.till.identify(POS, { text }));
    await settled();
    expect(identified).toMatchObject({ outcome: 'not-a-member-code', codeClass: 'payment' });
    expect(live.seen.map(({ event }) => event.body)).toMatchObject([
      { kind: 'sighting', codeClass: 'payment', redacted: true },
      { kind: 'sighting', codeClass: 'payment', redacted: true },
    ]);
    expect(live.seen[0]?.paymentText).toBe(text);
    const kept = JSON.stringify([rig.events(), rig.logged, identified]).replace(/\D/g, '');
    expect(kept).not.toContain(text.replace(/\D/g, '').slice(0, 18));
  });

  test('in a member card that somebody has is that card', async () => {
    const rig = openTill({ devices: DEVICES });
    const card = `A${PAYMENT_CODE}`;
    rig.store.members.upsert([member(ANNA, { cards: [card] })]);
    rig.report(scan('s-agent', card));
    expect(value(await rig.till.pendingIdentification())?.member?.memberId).toBe(ANNA);
  });

  test('is not repeated to a reader that resumes', async () => {
    const rig = openTill({ devices: DEVICES });
    rig.report(scan('s-agent', PAYMENT_CODE));
    const resumed = listen(rig.till, 0);
    await settled();
    expect(resumed.seen.at(-1)?.event.body).toMatchObject({ codeClass: 'payment', redacted: true });
    expect(JSON.stringify(resumed.seen)).not.toContain(PAYMENT_CODE);
  });
});

test('a device that goes away is an event with what to do', () => {
  const rig = openTill({ devices: DEVICES });
  const hint = { 'zh-CN': '没有找到扫码枪', en: 'The scanner is gone' };
  const remedy = { code: 'plug-in', text: { 'zh-CN': '插上', en: 'Plug it in' } } as const;
  rig.report({
    type: 'state',
    deviceId: 's-agent',
    from: 'ready',
    to: 'absent',
    cause: 'vanished',
    at: { monoMs: 1, wall: '' },
    hint,
    remedy,
  });
  expect(rig.events().at(-1)?.body).toEqual({
    kind: 'device',
    deviceId: 's-agent',
    state: 'absent',
    hint,
    remedy: remedy.text,
  });
});

test('a closed till takes no more scans', () => {
  const rig = openTill({ devices: DEVICES });
  rig.till.close();
  const before = rig.events().length;
  rig.report(scan('s-agent', 'CARD-anna'));
  expect(rig.events()).toHaveLength(before);
});
