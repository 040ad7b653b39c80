import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  MAX_DESCRIPTOR_BYTES,
  MAX_FIELDS,
  MAX_PUSHED,
  MAX_USAGES,
  readReportDescriptor,
} from '../../../drivers/scanner/hid-descriptor.ts';
import {
  layoutOf,
  MAX_REPORT_BYTES,
  plainLayout,
  sharedLayout,
} from '../../../drivers/scanner/hid-layout.ts';
import { simDescriptor } from '../../../drivers/sim/hid-reports.ts';

const layoutIn = (...items: readonly (readonly number[])[]) =>
  layoutOf(readReportDescriptor(Uint8Array.from(items.flat())));

const opening = [0x05, 0x8c, 0x09, 0x02, 0xa1, 0x01];
const bytes = (count: number) => [0x15, 0x00, 0x26, 0xff, 0x00, 0x75, 0x08, 0x95, count];
const decodedData = (count: number) => [0x05, 0x8c, ...bytes(count), 0x09, 0xfe, 0x82, 0x02, 0x01];

describe('the layout of a report is read from the descriptor of the device', () => {
  test('the layout that most makers share is found where it is declared', () => {
    expect(layoutOf(readReportDescriptor(simDescriptor))).toEqual({
      ...sharedLayout,
      declared: true,
    });
  });

  test('a layout without AIM identifier and with the length on a page of the maker has no length and no identifier', () => {
    const layout = layoutIn(
      opening,
      [0x85, 0x02],
      [0x06, 0x00, 0xff, ...bytes(1), 0x09, 0x01, 0x81, 0x02],
      decodedData(56),
      [0xc0],
    );
    expect(layout).toMatchObject({ reportId: 2, dataAt: 2, dataBytes: 56, declared: true });
    expect(layout?.lengthAt).toBeUndefined();
    expect(layout?.aimAt).toBeUndefined();
  });

  test('other places, another report id and another bit for `continued` are taken as declared', () => {
    const layout = layoutIn(
      opening,
      [0x85, 0x07],
      [0x75, 0x01, 0x95, 0x03, 0x81, 0x03, 0x95, 0x01, 0x09, 0xff, 0x81, 0x02],
      [0x95, 0x04, 0x81, 0x03],
      [...bytes(3), 0x09, 0xfb, 0x09, 0xfc, 0x09, 0xfd, 0x81, 0x02],
      decodedData(32),
      [0x05, 0x01, 0x09, 0x3b, 0x95, 0x01, 0x81, 0x02],
      [0xc0],
    );
    expect(layout).toEqual({
      reportId: 7,
      lengthAt: 37,
      aimAt: 2,
      dataAt: 5,
      dataBytes: 32,
      makerCodeAt: undefined,
      continued: { at: 1, mask: 8 },
      reportBytes: 38,
      declared: true,
    });
  });

  test('usages of four bytes, usage ranges, push and pop and long items are understood', () => {
    const layout = layoutIn(
      [0xfe, 0x02, 0x10, 0xaa, 0xbb],
      [0x05, 0x8c, 0x85, 0x02, ...bytes(3), 0xa4],
      [0x05, 0x01, 0x95, 0x01, 0x0b, 0x3b, 0x00, 0x01, 0x00, 0x81, 0x02, 0xb4],
      [0x19, 0xfb, 0x29, 0xfd, 0x81, 0x02],
      [0x95, 0x10, 0x0b, 0xfe, 0x00, 0x8c, 0x00, 0x82, 0x02, 0x01],
    );
    expect(layout).toMatchObject({ lengthAt: 1, aimAt: 2, dataAt: 5, dataBytes: 16 });
  });

  test('a device that numbers no reports has its data one byte behind a report id of nought', () => {
    expect(layoutIn(opening, decodedData(8))).toMatchObject({ reportId: 0, dataAt: 1 });
  });

  test('a keyboard and a scanner whose data lies across bytes give no layout', () => {
    const keyboard = [0x05, 0x01, 0x09, 0x06, 0xa1, 0x01, 0x05, 0x07, 0x19, 0xe0, 0x29, 0xe7];
    expect(layoutIn(keyboard, [0x75, 0x01, 0x95, 0x08, 0x81, 0x02, 0xc0])).toBeUndefined();
    const odd = [0x75, 0x01, 0x95, 0x03, 0x81, 0x03];
    expect(layoutIn(opening, odd, decodedData(8))).toBeUndefined();
  });

  test('the layout of the other family of makers begins its data right behind the length', () => {
    expect(plainLayout).toMatchObject({ lengthAt: 1, dataAt: 2, continued: { at: 63, mask: 1 } });
  });

  test('a descriptor is anything that was plugged in: whatever bytes it has, reading them ends and gives at most its limit', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (descriptor) => {
        const fields = readReportDescriptor(descriptor);
        layoutOf(fields);
        return fields.length <= MAX_FIELDS;
      }),
      { numRuns: 2_000 },
    );
  });

  test('a descriptor at the limit of the kernel is read to its end, and no byte behind it', () => {
    const filler = new Array<number>(MAX_DESCRIPTOR_BYTES - 2).fill(0xc0);
    const at = (place: number) => {
      const descriptor = [...filler, 0x81, 0x02, 0x81, 0x02];
      return readReportDescriptor(Uint8Array.from(descriptor.slice(0, place))).length;
    };
    expect([at(MAX_DESCRIPTOR_BYTES), at(MAX_DESCRIPTOR_BYTES + 2)]).toEqual([1, 1]);
    const fields = new Array<number>(MAX_FIELDS + 1).fill(0x80);
    expect(readReportDescriptor(Uint8Array.from(fields))).toHaveLength(MAX_FIELDS);
  });

  test('a range of four thousand million usages is cut at the limit', () => {
    const range = [0x1b, 0, 0, 0, 0, 0x2b, 0xff, 0xff, 0xff, 0xff, 0x75, 0x08, 0x95, 0x01];
    const [field] = readReportDescriptor(Uint8Array.from([...range, 0x81, 0x02]));
    expect(field?.usages).toHaveLength(MAX_USAGES);
  });

  test('what is pushed beyond the limit is not kept, and what is popped beyond the beginning changes nothing', () => {
    const depthOf = (pushes: number): number | undefined => {
      const items = Array.from({ length: pushes }, (_, index) => [0x95, index + 1, 0xa4]).flat();
      const pops = new Array<number>(pushes + 5).fill(0xb4);
      return readReportDescriptor(Uint8Array.from([0x75, 1, ...items, ...pops, 0x81, 0x02]))[0]
        ?.bits;
    };
    // Popped to the bottom: the count that was pushed first. The top of a full stack is the limit's.
    expect([depthOf(1), depthOf(MAX_PUSHED), depthOf(MAX_PUSHED + 1)]).toEqual([1, 1, 1]);
    const top = (pushes: number) => {
      const items = Array.from({ length: pushes }, (_, index) => [0x95, index + 1, 0xa4]).flat();
      return readReportDescriptor(Uint8Array.from([0x75, 1, ...items, 0x95, 99, 0xb4, 0x81, 2]))[0]
        ?.bits;
    };
    expect([top(MAX_PUSHED), top(MAX_PUSHED + 1)]).toEqual([MAX_PUSHED, MAX_PUSHED]);
  });

  test('a report of the largest size is laid out, and a larger one is not', () => {
    const layout = (dataBytes: number) =>
      layoutIn(
        opening,
        [0x85, 0x02],
        [0x05, 0x8c, 0x75, 0x08, 0x96, dataBytes % 256, Math.floor(dataBytes / 256)],
        [0x09, 0xfe, 0x82, 0x02, 0x01],
      );
    expect(layout(MAX_REPORT_BYTES - 1)?.reportBytes).toBe(MAX_REPORT_BYTES);
    expect(layout(MAX_REPORT_BYTES)).toBeUndefined();
  });
});
