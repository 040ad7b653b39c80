import type { ReportField } from './hid-descriptor.ts';
import { SCANNER_PAGE } from './hid-layout.ts';
import type { HidMaker } from './hid-makers.ts';

/**
 * The beep of a good read: its usage (HID Point of Sale Usage Tables 1.02), and its bit in the one byte of report 4 that
 * makers' manuals give. Of what a trigger report can say it is all that is ever sent: it changes nothing.
 */
const BEEP_USAGE = 0x86;
const MANUAL_BIT = 6;
const MANUAL_REPORT_ID = 4;

/** The report with the one bit set that the device declares for the beep, or undefined. */
const declared = (fields: readonly ReportField[]): Uint8Array | undefined => {
  const wanted = SCANNER_PAGE * 0x1_0000 + BEEP_USAGE;
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
 * The output report that makes a scanner beep, or undefined where it would not surely be understood: a maker
 * that is not known or uses the report for something else, or a device that declares none.
 */
export const beepReport = (
  maker: HidMaker | undefined,
  fields: readonly ReportField[] | undefined,
): Uint8Array | undefined => {
  if (maker === undefined || !maker.trigger) return undefined;
  if (fields !== undefined) return declared(fields);
  return Uint8Array.of(MANUAL_REPORT_ID, 1 << MANUAL_BIT);
};
