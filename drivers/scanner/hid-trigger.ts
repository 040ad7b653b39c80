import type { ReportField } from './hid-descriptor.ts';
import { SCANNER_PAGE } from './hid-layout.ts';
import type { HidMaker } from './hid-makers.ts';

/**
 * What is ever said by a trigger report: the usage (HID Point of Sale Usage Tables 1.02, Trigger Report 0x14), and its bit
 * in the one byte of report 4 that makers' manuals give.
 */
const rows = {
  'initiate-read': { usage: 0x60, bit: 2 },
  'good-read-beep': { usage: 0x86, bit: 6 },
} as const;
type Said = keyof typeof rows;
const MANUAL_REPORT_ID = 4;

/** The report with the one bit set that the device declares for `said`, or undefined. */
const declared = (fields: readonly ReportField[], said: Said): Uint8Array | undefined => {
  const wanted = SCANNER_PAGE * 0x1_0000 + rows[said].usage;
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
 * The report that says one thing, or undefined where it would not surely be understood: a maker that is not known or
 * uses the report for something else, or a device that declares no such output.
 */
const reportOf = (
  maker: HidMaker | undefined,
  fields: readonly ReportField[] | undefined,
  said: Said,
): Uint8Array | undefined => {
  if (maker === undefined || !maker.trigger) return undefined;
  if (fields !== undefined) return declared(fields, said);
  return Uint8Array.of(MANUAL_REPORT_ID, 1 << rows[said].bit);
};

/** The output report that makes a scanner beep as after a good read; undefined where it would not surely be understood. */
export const beepReport = (
  maker: HidMaker | undefined,
  fields: readonly ReportField[] | undefined,
): Uint8Array | undefined => reportOf(maker, fields, 'good-read-beep');

/** The reports that stand for a pulled trigger and for one that is let go. */
export type TriggerReports = { readonly pulled: Uint8Array; readonly released: Uint8Array };

/**
 * The reports by which a scanner begins to read and stops, or undefined where they would not surely be understood. The
 * meaning is that of a software trigger elsewhere (Windows: `StartSoftwareTriggerAsync` until `StopSoftwareTriggerAsync`,
 * or until the scanner ends it itself): Initiate Read as if a hand held the trigger.
 *
 * It ends by the same report with every bit cleared, and not by Prevent Read (0x5F). Both usages are dynamic flags, states
 * that last until the host changes them: scanners to which Prevent Read was said read nothing more, by hand neither,
 * until it is cleared, and a till that died in between would leave them so. A scanner that takes the flag as a push
 * (declared as relative) loses nothing by the cleared one.
 */
export const triggerReports = (
  maker: HidMaker | undefined,
  fields: readonly ReportField[] | undefined,
): TriggerReports | undefined => {
  const pulled = reportOf(maker, fields, 'initiate-read');
  if (pulled === undefined) return undefined;
  const released = new Uint8Array(pulled.length);
  released.set(pulled.subarray(0, 1));
  return { pulled, released };
};
