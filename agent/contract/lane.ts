import { z } from 'zod';
import { memberIdSchema } from './ids.ts';
import { instantSchema } from './time.ts';

/** The entitlement kind that opens the priority lane 优先通道. */
export const PRIORITY_LANE = 'priority-lane';

/** A member seen at this store today who may use the priority lane. */
export const laneMemberSchema = z.object({
  memberId: memberIdSchema,
  maskedName: z.string(),
  tier: z.string(),
  firstSeenAt: instantSchema,
  lastSeenAt: instantSchema,
  /** Set once a basket of theirs was committed today. */
  servedAt: instantSchema.optional(),
  birthdayToday: z.boolean(),
});
export type LaneMember = z.infer<typeof laneMemberSchema>;

export const laneBoardSchema = z.object({
  /** The list is true as of this instant. */
  asOf: instantSchema,
  identifiedToday: z.int().min(0),
  members: z.array(laneMemberSchema).max(1_000),
});
export type LaneBoard = z.infer<typeof laneBoardSchema>;
