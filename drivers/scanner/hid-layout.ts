import type { ReportField } from './hid-descriptor.ts';

/** Usage page of bar code scanners (USB-IF HID Point of Sale Usage Tables 1.02, section 3). */
export const SCANNER_PAGE = 0x8c;
/** Largest input report that is read; a full-speed interrupt transfer carries 64 bytes. */
export const MAX_REPORT_BYTES = 1_024;

/**
 * Where one code's data lies in an input report. Offsets are bytes from the report id, which is
 * byte 0 whether or not the device numbers its reports.
 */
export type ReportLayout = {
  readonly reportId: number;
  /** Offset of the number of data bytes; without it the data ends before its trailing zeros. */
  readonly lengthAt?: number | undefined;
  /** Offset of the three bytes of the AIM identifier; absent where the data is all there is. */
  readonly aimAt?: number | undefined;
  readonly dataAt: number;
  readonly dataBytes: number;
  /** Offset of the maker's own code id. */
  readonly makerCodeAt?: number | undefined;
  /** Byte and bit that say that the code goes on in the next report. */
  readonly continued?: { readonly at: number; readonly mask: number } | undefined;
  /** Bytes that a whole report has at least. */
  readonly reportBytes: number;
  /**
   * Read from the device's own descriptor: a report without AIM identifier is then a code all the
   * same. Otherwise it may be another maker's layout, and its data anything.
   */
  readonly declared: boolean;
};

/** What the manuals of most makers give: see agent/decisions/0027-hid-scanners.md. */
export const sharedLayout: ReportLayout = {
  reportId: 2,
  lengthAt: 1,
  aimAt: 2,
  dataAt: 5,
  dataBytes: 56,
  makerCodeAt: 61,
  continued: { at: 63, mask: 1 },
  reportBytes: 64,
  declared: false,
};

/** The other family (Newland and readers with its engines): no AIM field, data right behind the length. */
export const plainLayout: ReportLayout = {
  reportId: 2,
  lengthAt: 1,
  dataAt: 2,
  dataBytes: 56,
  makerCodeAt: 62,
  continued: { at: 63, mask: 1 },
  reportBytes: 64,
  declared: false,
};

const usageOn = (page: number, usage: number): number => page * 0x1_0000 + usage;
const GENERIC_DESKTOP_PAGE = 0x01;
const FIRST_VENDOR_PAGE = 0xff00;
const usage = {
  byteCount: usageOn(GENERIC_DESKTOP_PAGE, 0x3b),
  aim: usageOn(SCANNER_PAGE, 0xfb),
  data: usageOn(SCANNER_PAGE, 0xfe),
  continued: usageOn(SCANNER_PAGE, 0xff),
} as const;

/** First bit of the element of `fields` that carries `wanted`. */
const bitOf = (fields: readonly ReportField[], wanted: number): number | undefined => {
  for (const field of fields) {
    const index = field.constant ? -1 : field.usages.indexOf(wanted);
    const bit = field.bitOffset + index * field.elementBits;
    if (index >= 0 && bit < field.bitOffset + field.bits) return bit;
  }
  return undefined;
};

const byteOf = (fields: readonly ReportField[], wanted: number): number | undefined => {
  const bit = bitOf(fields, wanted);
  return bit === undefined || bit % 8 !== 0 ? undefined : bit / 8;
};

const makerByte = (fields: readonly ReportField[], afterBit: number): number | undefined => {
  const field = fields.find(
    ({ bitOffset, constant, usages }) =>
      !constant && bitOffset >= afterBit && (usages[0] ?? 0) / 0x1_0000 >= FIRST_VENDOR_PAGE,
  );
  return field === undefined || field.bitOffset % 8 !== 0 ? undefined : field.bitOffset / 8;
};

/**
 * The layout that a device declares itself, or undefined where its descriptor names no decoded
 * data in whole bytes. Usages fix what a field means and not where it lies, so this goes before
 * what makers' manuals say.
 */
export const layoutOf = (fields: readonly ReportField[]): ReportLayout | undefined => {
  const inputs = fields.filter((field) => field.kind === 'input');
  const data = inputs.find((field) => !field.constant && field.usages[0] === usage.data);
  if (data === undefined || data.elementBits !== 8 || data.bitOffset % 8 !== 0) return undefined;
  const report = inputs.filter((field) => field.reportId === data.reportId);
  const reportBits = Math.max(...report.map((field) => field.bitOffset + field.bits));
  const reportBytes = Math.ceil(reportBits / 8);
  if (data.bits === 0 || reportBytes > MAX_REPORT_BYTES) return undefined;
  const continuedBit = bitOf(report, usage.continued);
  return {
    reportId: data.reportId,
    lengthAt: byteOf(report, usage.byteCount),
    aimAt: byteOf(report, usage.aim),
    dataAt: data.bitOffset / 8,
    dataBytes: data.bits / 8,
    makerCodeAt: makerByte(report, data.bitOffset + data.bits),
    continued:
      continuedBit === undefined
        ? undefined
        : { at: Math.floor(continuedBit / 8), mask: 1 << (continuedBit % 8) },
    reportBytes,
    declared: true,
  };
};
