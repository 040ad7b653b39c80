import type { ReportField } from './hid-descriptor.ts';
import { SCANNER_PAGE } from './hid-layout.ts';
import type { HidMaker } from './hid-makers.ts';

/** What a scanner can be told by its trigger report (HID Point of Sale Usage Tables 1.02, usage 0x14). */
export const triggers = ['prevent-read', 'initiate-read', 'error-beep', 'good-read-beep'] as const;
export type Trigger = (typeof triggers)[number];

/** The usage of each, and its bit in the one byte of report 4 that makers' manuals give. */
const rows: Readonly<Record<Trigger, { readonly usage: number; readonly bit: number }>> = {
  'prevent-read': { usage: 0x5f, bit: 1 },
  'initiate-read': { usage: 0x60, bit: 2 },
  'error-beep': { usage: 0x85, bit: 5 },
  'good-read-beep': { usage: 0x86, bit: 6 },
};
const MANUAL_REPORT_ID = 4;

/** The report with one bit set that the device declares for a trigger, or undefined. */
const declared = (fields: readonly ReportField[], trigger: Trigger): Uint8Array | undefined => {
  const wanted = SCANNER_PAGE * 0x1_0000 + rows[trigger].usage;
  const outputs = fields.filter((field) => field.kind === 'output');
  const field = outputs.find(({ constant, usages }) => !constant && usages.includes(wanted));
  if (field === undefined || field.elementBits !== 1) return undefined;
  const bit = field.bitOffset + field.usages.indexOf(wanted);
  if (bit >= field.bitOffset + field.bits) return undefined;
  const ofReport = outputs.filter(({ reportId }) => reportId === field.reportId);
  const lastBit = Math.max(...ofReport.map(({ bitOffset, bits }) => bitOffset + bits));
  const report = new Uint8Array(Math.ceil(lastBit / 8));
  report[0] = field.reportId;
  report[Math.floor(bit / 8)] = 1 << (bit % 8);
  return report;
};

/**
 * The output report of a trigger, or undefined where it would not surely be understood: a maker
 * that is not known or uses the report for something else, or a device that declares none.
 */
export const triggerReport = (
  maker: HidMaker | undefined,
  fields: readonly ReportField[] | undefined,
  trigger: Trigger,
): Uint8Array | undefined => {
  if (maker === undefined || !maker.trigger) return undefined;
  if (fields !== undefined) return declared(fields, trigger);
  return Uint8Array.of(MANUAL_REPORT_ID, 1 << rows[trigger].bit);
};
