import { z } from 'zod';

const page = z.int().min(0).max(0xffff);
const placeMs = z.int().min(1).max(60_000);
const searchPages = z.int().min(1).max(0xffff);
const bytes = z.instanceof(Uint8Array);

/** An act as it comes through the host's port; its limits are checked against the module by whoever carries it out. */
export const fingerActSchema = z.discriminatedUnion('act', [
  z.object({ act: z.literal('describe') }),
  z.object({
    act: z.literal('enrol'),
    page,
    captures: z.int().min(1).max(16),
    searchPages,
    placeMs,
  }),
  z.object({ act: z.literal('verify'), page, placeMs }),
  z.object({ act: z.literal('verify-template'), template: bytes, placeMs }),
  z.object({ act: z.literal('identify'), searchPages, placeMs }),
  z.object({ act: z.literal('read'), page }),
  z.object({ act: z.literal('store'), page, template: bytes }),
  z.object({ act: z.literal('delete'), page }),
  z.object({ act: z.literal('clear') }),
  z.object({ act: z.literal('index') }),
  z.object({ act: z.literal('read-mark') }),
  z.object({ act: z.literal('write-mark'), libraryMark: bytes }),
  z.object({ act: z.literal('set-password'), password: z.int().min(0).max(0xffff_ffff) }),
]);
