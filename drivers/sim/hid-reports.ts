import { plainLayout, type ReportLayout, sharedLayout } from '../scanner/hid-layout.ts';

/** The two layouts of a report that scanners are shipped with. */
export const simLayouts = { shared: sharedLayout, plain: plainLayout } as const;

export type ReportShape = {
  /** AIM identifier, three characters; three zeros where it is left out. */
  readonly aim?: string | undefined;
  readonly layout?: ReportLayout;
  /** 1 puts the identifier and all behind it one byte later, as some readers do. */
  readonly shift?: 0 | 1;
  readonly makerCode?: number;
  /** Data bytes in each report; as many as fit when left out. */
  readonly partBytes?: number;
};

/** The input reports in which a scanner sends `data`, report id in front. */
export const reportsOf = (data: Uint8Array, shape: ReportShape = {}): Uint8Array[] => {
  const layout = shape.layout ?? sharedLayout;
  const shift = shape.shift ?? 0;
  const partBytes = Math.max(1, Math.min(shape.partBytes ?? layout.dataBytes, layout.dataBytes));
  const reports: Uint8Array[] = [];
  for (let at = 0; at === 0 || at < data.length; at += partBytes) {
    const part = data.subarray(at, at + partBytes);
    const report = new Uint8Array(layout.reportBytes);
    report[0] = layout.reportId;
    if (layout.lengthAt !== undefined) report[layout.lengthAt] = part.length;
    if (layout.aimAt !== undefined)
      report.set(new TextEncoder().encode(shape.aim ?? ''), layout.aimAt + shift);
    report.set(part, layout.dataAt + shift);
    if (layout.makerCodeAt !== undefined && shape.makerCode !== undefined)
      report[layout.makerCodeAt + shift] = shape.makerCode;
    if (layout.continued !== undefined && at + partBytes < data.length)
      report[layout.continued.at] = layout.continued.mask;
    reports.push(report);
  }
  return reports;
};

/**
 * The report descriptor that declares the shared layout (Device Class Definition for HID 1.11,
 * section 6.2.2; usages of pages 0x8C and 0x01), and the trigger report 4.
 */
export const simDescriptor: Uint8Array = Uint8Array.from(
  [
    [0x05, 0x8c, 0x09, 0x02, 0xa1, 0x01], // Bar Code Scanner, application collection
    [0x85, 0x02, 0x15, 0x00, 0x26, 0xff, 0x00, 0x75, 0x08], // report 2, bytes
    [0x05, 0x01, 0x09, 0x3b, 0x95, 0x01, 0x81, 0x02], // Byte Count
    [0x05, 0x8c, 0x09, 0xfb, 0x09, 0xfc, 0x09, 0xfd, 0x95, 0x03, 0x81, 0x02], // Symbology Identifier 1 to 3
    [0x09, 0xfe, 0x95, 0x38, 0x82, 0x02, 0x01], // Decoded Data, 56 buffered bytes
    [0x06, 0x00, 0xff, 0x09, 0x01, 0x95, 0x02, 0x81, 0x02], // two bytes of the maker
    [0x05, 0x8c, 0x25, 0x01, 0x75, 0x01, 0x95, 0x01, 0x09, 0xff, 0x81, 0x02], // Decode Data Continued
    [0x95, 0x07, 0x81, 0x03], // padding
    [0x85, 0x04, 0x95, 0x01, 0x91, 0x03], // report 4
    [0x09, 0x5f, 0x91, 0x02, 0x09, 0x60, 0x91, 0x02], // Prevent Read, Initiate Read
    [0x95, 0x02, 0x91, 0x03, 0x95, 0x01, 0x09, 0x85, 0x91, 0x02, 0x09, 0x86, 0x91, 0x02], // beeps
    [0x91, 0x03, 0xc0],
  ].flat(),
);

/** The reports between which a scanner with that descriptor reads: bit 2 of report 4, Initiate Read. */
export const simTrigger = {
  pulled: Uint8Array.of(4, 0x04),
  released: Uint8Array.of(4, 0x00),
} as const;
