import { z } from 'zod';
import { staffIdSchema } from './ids.ts';

export const STAFF_ROLES = ['cashier', 'manager', 'it'] as const;
export const staffRoleSchema = z.enum(STAFF_ROLES);
export type StaffRole = z.infer<typeof staffRoleSchema>;
/** `keeper`: a manager or IT, and anybody while the till has no staff, so that a fresh one can be set up. */
export type ScreenRole = StaffRole | 'keeper';

/** PINs are 4 to 8 digits; stored only as an argon2id hash. */
export const pinSchema = z.string().regex(/^\d{4,8}$/);

export const staffSchema = z.object({
  staffId: staffIdSchema,
  name: z.string().min(1).max(80),
  role: staffRoleSchema,
  active: z.boolean().default(true),
});
export type Staff = z.infer<typeof staffSchema>;
