import { Buffer } from 'node:buffer';
import { z } from 'zod';

/** What stays in a module without power. */
export type ModuleMemory = {
  readonly pages: Map<number, Uint8Array>;
  note: Uint8Array;
  password: number;
  address: number;
  securityLevel: number;
};

const NOTE_BYTES = 32;

const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const fromHex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'));

/** A module as it leaves its maker. */
export const emptyMemory = (): ModuleMemory => ({
  pages: new Map(),
  note: new Uint8Array(NOTE_BYTES),
  password: 0,
  address: 0xffff_ffff,
  securityLevel: 3,
});

const hex = z.string().regex(/^(?:[0-9a-f]{2})*$/);
const storedSchema = z.object({
  pages: z.array(z.tuple([z.int().min(0), hex])),
  note: hex,
  password: z.int(),
  address: z.int(),
  securityLevel: z.int(),
});

/** The memory as text, for a file that outlives the process of an emulator. */
export const formatMemory = (memory: ModuleMemory): string =>
  JSON.stringify({
    ...memory,
    pages: [...memory.pages].map(([page, bytes]) => [page, toHex(bytes)]),
    note: toHex(memory.note),
  });

/** @throws where the text is no memory: a damaged file of an emulator is nobody's fault but its owner's */
export const parseMemory = (text: string): ModuleMemory => {
  const stored = storedSchema.parse(JSON.parse(text));
  return {
    ...stored,
    pages: new Map(stored.pages.map(([page, bytes]) => [page, fromHex(bytes)])),
    note: fromHex(stored.note),
  };
};
