import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, gzip, constants as zlib } from 'node:zlib';
import type { Plugin } from 'vite';

/** What gains by it; pictures and fonts are packed already. */
const TEXTS = /^assets\/.+\.(?:js|css|svg|json|wasm)$/;
/** One packet of the network holds as much in any case, in bytes. */
const WORTH_BYTES = 1_400;
/** Of 11 levels: the last two take ten times as long for a fifteenth less. */
const BROTLI_LEVEL = 9;

const packers: readonly { readonly suffix: string; pack(bytes: Buffer): Promise<Buffer> }[] = [
  {
    suffix: '.br',
    pack: (bytes) =>
      promisify(brotliCompress)(bytes, { params: { [zlib.BROTLI_PARAM_QUALITY]: BROTLI_LEVEL } }),
  },
  { suffix: '.gz', pack: (bytes) => promisify(gzip)(bytes, { level: 9 }) },
];

/**
 * Writes each larger asset of a page in brotli and gzip beside it, for a server that then compresses nothing itself. Only
 * what the build names by its content: a page that is exchanged by hand can leave no older self behind in another packing.
 */
export function compressAssets(): Plugin {
  return {
    name: 'compress-assets',
    apply: 'build',
    async writeBundle({ dir = '.' }, bundle) {
      for (const [name, built] of Object.entries(bundle)) {
        const bytes = Buffer.from(built.type === 'chunk' ? built.code : built.source);
        if (!TEXTS.test(name) || bytes.length < WORTH_BYTES) continue;
        for (const { suffix, pack } of packers) {
          const packed = await pack(bytes);
          if (packed.length < bytes.length) await writeFile(join(dir, `${name}${suffix}`), packed);
        }
      }
    },
  };
}
