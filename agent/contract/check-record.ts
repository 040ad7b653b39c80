import { z } from 'zod';
import { instantSchema } from './time.ts';

/**
 * What is told of a full-volume check that has ended, to headquarters and on screens. `compare`: roots against those of
 * the feed (V1) that differed. `walk`: everything compared with headquarters by its tree (V2). `scrub`: a whole pass over
 * the rows themselves (V3). `ledger`: the upward proof.
 */
export const checkRecordFields = {
  kind: z.enum(['compare', 'walk', 'scrub', 'ledger']),
  /** Why: asked for by a person, due by the day, a root differed, after a snapshot, a restore or a migration. */
  why: z.enum(['asked', 'daily', 'root', 'snapshot', 'restored', 'start']),
  startedAt: instantSchema,
  endedAt: instantSchema,
  outcome: z.enum(['clean', 'repaired', 'reloaded', 'stays', 'failed']),
  rows: z.int().min(0),
  /** Rows that differed, by kind. */
  missing: z.int().min(0),
  extra: z.int().min(0),
  stale: z.int().min(0),
  damaged: z.int().min(0),
  /** What V3 put right by itself: digests, sums, indexes of a row. */
  mended: z.int().min(0),
  repaired: z.int().min(0),
  /** Bytes of questions and answers, without the rows themselves, and how many there were. */
  bytes: z.int().min(0),
  roundTrips: z.int().min(0),
  /** Code of a failure. */
  failure: z.string().max(64).nullable(),
};
