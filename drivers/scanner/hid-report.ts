import type { ReportLayout } from './hid-layout.ts';

/** What one input report says. */
export type ReportReading =
  | {
      readonly kind: 'part';
      readonly aim: string | undefined;
      readonly data: Uint8Array;
      readonly makerCode: number;
      /** The code goes on in the next report. */
      readonly continued: boolean;
      /** Its AIM bytes are all zero: some readers send the identifier in the first report only. */
      readonly blankAim: boolean;
    }
  /** Another report of the device, or one with nothing in it. */
  | { readonly kind: 'other' }
  /** A report of this kind that cannot be a part of a code; `continued` is unknown where it is too short to say. */
  | { readonly kind: 'broken'; readonly detail: string; readonly continued?: boolean };

const BRACKET = 0x5d;
const AIM_BYTES = 3;
const aimPattern = /^\][A-Za-z][0-9A-Za-z]$/;

/** Some readers send the identifier and everything behind it, up to the flags, one byte later. */
const shiftOf = (layout: ReportLayout, report: Uint8Array): 0 | 1 | undefined => {
  if (layout.aimAt === undefined) return 0;
  if (report[layout.aimAt] === BRACKET) return 0;
  return report[layout.aimAt + 1] === BRACKET ? 1 : undefined;
};

const withoutTrailingZeros = (data: Uint8Array): Uint8Array =>
  data.subarray(0, data.findLastIndex((byte) => byte !== 0) + 1);

/**
 * Reads one input report, report id in front. Pure and total. A report that has the AIM
 * identifier in neither place is broken under an assumed layout: its data may lie anywhere.
 */
export const readReport = (layout: ReportLayout, report: Uint8Array): ReportReading => {
  if (report[0] !== layout.reportId) return { kind: 'other' };
  if (report.length < layout.reportBytes) {
    return { kind: 'broken', detail: `a report of ${report.length} bytes` };
  }
  const length = layout.lengthAt === undefined ? undefined : (report[layout.lengthAt] ?? 0);
  const continued =
    layout.continued !== undefined &&
    ((report[layout.continued.at] ?? 0) & layout.continued.mask) !== 0;
  const { aimAt } = layout;
  const aimBytes = aimAt === undefined ? undefined : report.subarray(aimAt, aimAt + AIM_BYTES);
  const blankAim = aimBytes?.every((byte) => byte === 0) ?? false;
  const shift = shiftOf(layout, report);
  if (shift === undefined && !blankAim) {
    const detail = 'a report without AIM identifier: its layout is not known';
    return { kind: 'broken', detail, continued };
  }
  const by = shift ?? 0;
  const area = report.subarray(layout.dataAt + by, layout.dataAt + by + layout.dataBytes);
  if (length !== undefined && length > area.length) {
    const detail = `${length} bytes of data in a report that holds ${area.length}`;
    return { kind: 'broken', detail, continued };
  }
  const data = length === undefined ? withoutTrailingZeros(area) : area.subarray(0, length);
  if (data.length === 0 && blankAim && !continued) return { kind: 'other' };
  const aim =
    aimAt === undefined
      ? ''
      : String.fromCharCode(...report.subarray(aimAt + by, aimAt + by + AIM_BYTES));
  return {
    kind: 'part',
    aim: aimPattern.test(aim) ? aim : undefined,
    data: data.slice(),
    makerCode: layout.makerCodeAt === undefined ? 0 : (report[layout.makerCodeAt + by] ?? 0),
    continued,
    blankAim,
  };
};
