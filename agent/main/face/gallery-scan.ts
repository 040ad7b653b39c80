import {
  createNearestList,
  type NearestList,
  type NearRow,
} from '../../domain/face/nearest-list.ts';
import { plainScan, type SquaredDistances } from '../../domain/face/squared-distances.ts';
import { KERNEL_STEP, loadKernel } from './gallery-kernel.ts';

const PAGE_BYTES = 65_536;
const FLOAT_BYTES = Float32Array.BYTES_PER_ELEMENT;
/** Rows whose distances are reckoned before it is looked which are near: what is written fits the nearest cache. */
const BLOCK_ROWS = 1_024;
/**
 * How far a sum of 32-bit numbers may be off, as a share: 4,096 squares added in 16 runs, generously. Rows within it are
 * reckoned again in 64 bits, so that answers are those of the plain pass.
 */
const ROUNDING = 1e-4;

/** The pass in WebAssembly; the plain one where lengths do not fit or SIMD is missing. */
export function fastScan(dimensions: number): SquaredDistances {
  if (dimensions % KERNEL_STEP !== 0) return plainScan(dimensions);
  const rowBytes = dimensions * FLOAT_BYTES;
  // First the probe, then distances of one block, then the templates.
  const outAt = rowBytes;
  const rowsAt = outAt + BLOCK_ROWS * FLOAT_BYTES;
  const kernel = loadKernel(Math.ceil(rowsAt / PAGE_BYTES));
  if (kernel === null) return plainScan(dimensions);
  const { memory, scan } = kernel;
  const views = () => ({
    probe: new Float32Array(memory.buffer, 0, dimensions),
    out: new Float32Array(memory.buffer, outAt, BLOCK_ROWS),
    rows: new Float32Array(memory.buffer, rowsAt),
  });
  let { probe: probeView, out, rows: flat } = views();

  function exact(row: number, probe: Float32Array): number {
    let sum = 0;
    const start = row * dimensions;
    for (let at = 0; at < dimensions; at++)
      sum += ((flat[start + at] as number) - (probe[at] as number)) ** 2;
    return sum;
  }

  return {
    reserve(rows) {
      const missing = rowsAt + rows * rowBytes - memory.buffer.byteLength;
      // It grows where it is: nothing is left behind.
      if (missing > 0) memory.grow(Math.ceil(missing / PAGE_BYTES));
      ({ probe: probeView, out, rows: flat } = views());
      return flat;
    },
    pass(probe: Float32Array, rows: number, list: NearestList) {
      probeView.set(probe);
      const rough = createNearestList(list.count);
      const near: NearRow[] = [];
      for (let first = 0; first < rows; first += BLOCK_ROWS) {
        const end = Math.min(first + BLOCK_ROWS, rows);
        scan(rowsAt + first * rowBytes, rowsAt + end * rowBytes, 0, rowBytes, outAt);
        let limit = rough.limit * (1 + ROUNDING);
        for (let row = first; row < end; row++) {
          const squared = out[row - first] as number;
          if (!(squared < limit)) continue;
          near.push({ row, squared });
          rough.offer(row, squared);
          limit = rough.limit * (1 + ROUNDING);
        }
      }
      const last = rough.limit * (1 + ROUNDING);
      for (const { row, squared } of near) if (squared <= last) list.offer(row, exact(row, probe));
      probeView.fill(0);
      out.fill(0);
    },
  };
}
