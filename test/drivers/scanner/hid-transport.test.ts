import { describe, expect, test } from 'vitest';
import { readReportDescriptor } from '../../../drivers/scanner/hid-descriptor.ts';
import { plainLayout } from '../../../drivers/scanner/hid-layout.ts';
import { makerOf } from '../../../drivers/scanner/hid-makers.ts';
import { createHidTransport } from '../../../drivers/scanner/hid-transport.ts';
import { beepReport, triggerReports } from '../../../drivers/scanner/hid-trigger.ts';
import { simDescriptor } from '../../../drivers/sim/hid-reports.ts';
import { createSimHidSystem } from '../../../drivers/sim/hid-system.ts';
import { createManualEnv } from '../manual-env.ts';
import { createHidFixture, honeywell, NODE, reports } from './hid-fixture.ts';

const { descriptor: _descriptor, ...undescribed } = honeywell;
const newland = { ...undescribed, vid: '1eab', pid: '0d10' };

describe('the layout of a report', () => {
  test('is that of its maker where the system gives no descriptor', async () => {
    const { startReady, system, texts } = createHidFixture({
      platform: 'win32',
      devices: [newland],
      usb: { vid: '1eab' },
    });
    await startReady();
    for (const report of reports('6901234567892', { layout: plainLayout }))
      system.send(NODE, report);
    expect(texts()).toEqual(['6901234567892']);
  });

  test('is that of the device itself where it gives one, whoever made it', async () => {
    const { startReady, system, texts } = createHidFixture({
      devices: [{ ...newland, descriptor: simDescriptor }],
      usb: { vid: '1eab' },
    });
    await startReady();
    for (const report of reports('6901234567892')) system.send(NODE, report);
    expect(texts()).toEqual(['6901234567892']);
  });

  test('of a device that numbers no reports is read without a report id', async () => {
    const bytes = [0x15, 0x00, 0x26, 0xff, 0x00, 0x75, 0x08, 0x95, 0x08];
    const descriptor = Uint8Array.from([0x05, 0x8c, ...bytes, 0x09, 0xfe, 0x82, 0x02, 0x01]);
    const { startReady, system, texts } = createHidFixture({
      devices: [{ ...honeywell, descriptor }],
    });
    await startReady();
    system.send(NODE, Uint8Array.from([...new TextEncoder().encode('ABC\r'), 0, 0, 0, 0]));
    expect(texts()).toEqual(['ABC']);
  });
});

test('a link that is lost is told so once, whatever the system says after that', async () => {
  const env = createManualEnv();
  const system = createSimHidSystem(env);
  system.plug(honeywell);
  const transport = createHidTransport({ vid: '0c2e' }, env, system);
  const losses: boolean[] = [];
  const opened = await transport.open({
    onBytes() {},
    onLost: ({ unplugged }) => losses.push(unplugged),
  });
  expect(opened.ok).toBe(true);
  system.fail(NODE, 'transfer failed');
  system.fail(NODE, 'transfer failed');
  system.unplug(NODE);
  await env.settle();
  expect(losses).toEqual([true]);
});

describe('a beep is sent to those alone that surely understand it', () => {
  const declared = readReportDescriptor(simDescriptor);

  test('as the device declares it', () => {
    expect(beepReport(makerOf('0c2e'), declared)).toEqual(Uint8Array.of(4, 0x40));
  });

  test('as the manual has it where the system gives no descriptor', () => {
    expect(beepReport(makerOf('0c2e'), undefined)).toEqual(Uint8Array.of(4, 0x40));
  });

  test('not where the device declares none, nor to other makers, known or not', () => {
    expect(beepReport(makerOf('0c2e'), [])).toBeUndefined();
    for (const vid of ['1eab', '05e0', '05f9', '1234'])
      expect(beepReport(makerOf(vid), declared)).toBeUndefined();
  });
});

describe('a trigger is pulled of those alone that surely understand it', () => {
  const declared = readReportDescriptor(simDescriptor);
  const initiateRead = { pulled: Uint8Array.of(4, 0x04), released: Uint8Array.of(4, 0x00) };

  test('as the device declares it, and let go by the same report with every bit cleared', () => {
    expect(triggerReports(makerOf('0c2e'), declared)).toEqual(initiateRead);
  });

  test('as a device declares it that names eight bits in one field, or puts the bit in a second byte', () => {
    const page = [0x05, 0x8c, 0x85, 0x07, 0x25, 0x01, 0x75, 0x01];
    const oneField = [0x95, 0x08, 0x09, 0x00, 0x09, 0x5f, 0x09, 0x60, 0x09, 0x00, 0x91, 0x86];
    const second = [0x95, 0x08, 0x91, 0x03, 0x95, 0x01, 0x09, 0x60, 0x91, 0x02];
    const reportsOfBytes = (bytes: readonly number[]) =>
      triggerReports(makerOf('0c2e'), readReportDescriptor(Uint8Array.from([...page, ...bytes])));
    expect(reportsOfBytes(oneField)?.pulled).toEqual(Uint8Array.of(7, 0x04));
    expect(reportsOfBytes(second)).toEqual({
      pulled: Uint8Array.of(7, 0, 0x01),
      released: Uint8Array.of(7, 0, 0),
    });
  });

  test('as the manual has it where the system gives no descriptor', () => {
    expect(triggerReports(makerOf('0c2e'), undefined)).toEqual(initiateRead);
  });

  test('not where the device declares a beep alone, nor to other makers, known or not', () => {
    const beepOnly = [0x05, 0x8c, 0x85, 0x04, 0x75, 0x01, 0x95, 0x01, 0x09, 0x86, 0x91, 0x02];
    const fields = readReportDescriptor(Uint8Array.from(beepOnly));
    expect(beepReport(makerOf('0c2e'), fields)).toBeDefined();
    expect(triggerReports(makerOf('0c2e'), fields)).toBeUndefined();
    for (const vid of ['1eab', '05e0', '05f9', '1234'])
      expect(triggerReports(makerOf(vid), declared)).toBeUndefined();
  });
});
