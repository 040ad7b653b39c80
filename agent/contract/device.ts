import { z } from 'zod';
import { deviceIdSchema, staffIdSchema } from './ids.ts';
import { textSchema } from './text.ts';
import { instantSchema } from './time.ts';

/** Who is meant by what a scanner reads (DESIGN 5). */
export const scannerOwnerSchema = z.enum(['agent', 'pos', 'shared-wedge']);
export type ScannerOwner = z.infer<typeof scannerOwnerSchema>;

/** What a device is for at this till. A device that is bound to a role has the role for its id. */
export const DEVICE_ROLES = ['till-scanner', 'customer-scanner'] as const;
export const deviceRoleSchema = z.enum(DEVICE_ROLES);
export type DeviceRole = z.infer<typeof deviceRoleSchema>;

/** USB vendor or product id. */
const usbId = z.string().regex(/^[0-9a-f]{4}$/);
const fact = z.string().min(1).max(128);

/** Which device has a role, and what finds it again: its serial number, else what it is and where it is plugged in. */
export const deviceBindingSchema = z.object({
  role: deviceRoleSchema,
  driver: z.enum(['serial-scanner', 'hid-scanner']),
  vid: usbId,
  pid: usbId.optional(),
  serial: fact.optional(),
  portPath: fact.optional(),
  /** Maker and model, for people. */
  name: z.string().max(200).optional(),
  boundAt: instantSchema,
  /** Absent = somebody at a till that had no staff yet. */
  boundBy: staffIdSchema.optional(),
});
export type DeviceBinding = z.infer<typeof deviceBindingSchema>;

/** How deep a check goes, as in UnifiedPOS CheckHealth: the handle, the device, a person who scans a code. */
export const deviceCheckLevelSchema = z.enum(['internal', 'external', 'interactive']);
export type DeviceCheckLevel = z.infer<typeof deviceCheckLevelSchema>;

/** A check of a device that ended, or that waits for somebody to scan its code. */
export const deviceCheckSchema = z.object({
  level: deviceCheckLevelSchema,
  outcome: z.enum(['passed', 'failed', 'waiting']),
  at: instantSchema,
  text: textSchema,
  /** With `waiting`: the code that has to be scanned; of random digits, so that no older code answers it. */
  challenge: z.string().optional(),
  /** What was looked at, for IT, in English. */
  checks: z.array(z.object({ check: z.string(), ok: z.boolean(), detail: z.string() })),
});
export type DeviceCheck = z.infer<typeof deviceCheckSchema>;

/** What tells a device from its like, as far as it is known. */
export const deviceIdentitySchema = z.object({
  transport: z.enum(['serial', 'hid', 'simulated']),
  vid: z.string().optional(),
  pid: z.string().optional(),
  serial: z.string().optional(),
  /** Where it is plugged in. */
  portPath: z.string().optional(),
  /** The node or port name of the moment. */
  path: z.string().optional(),
});
export type DeviceIdentityView = z.infer<typeof deviceIdentitySchema>;

/** The last code that a device read: when and what kind, never the code, which may pay for something. */
export const lastScanSchema = z.object({
  at: instantSchema,
  symbology: z.string().optional(),
  characters: z.int().min(0),
});
export type LastScan = z.infer<typeof lastScanSchema>;

/** A device as screens and `doctor` see it. */
export const deviceViewSchema = z.object({
  deviceId: deviceIdSchema,
  driver: z.string(),
  owner: scannerOwnerSchema,
  state: z.string(),
  since: instantSchema,
  simulated: z.boolean(),
  hint: textSchema,
  remedy: textSchema.optional(),
  /** What helps whoever administers the till, to be typed at a terminal. */
  command: z.string().optional(),
  /** What the system said, for IT, in English. */
  detail: z.string().optional(),
  identity: deviceIdentitySchema.optional(),
  /** Absent = the device is one of the settings file. */
  binding: deviceBindingSchema.optional(),
  lastScan: lastScanSchema.optional(),
  check: deviceCheckSchema.optional(),
  /** Counts since the till started. */
  statistics: z.record(z.string(), z.number()),
});
export type DeviceView = z.infer<typeof deviceViewSchema>;

/** Devices told of one look at most. */
export const FOUND_DEVICES_MAX = 64;

/** Something plugged in that may be a scanner, whether it has a role or not. */
export const foundDeviceSchema = z.object({
  /** Names it while it stays where it is plugged in. */
  foundId: z.string().min(1).max(300),
  mode: z.enum(['serial', 'hid-pos', 'keyboard', 'oem', 'unknown']),
  identity: deviceIdentitySchema,
  maker: z.string().optional(),
  name: z.string().optional(),
  /** Another one has the same ids and serial number, so that only the socket tells them apart. */
  twin: z.boolean(),
  /** Whether it can be given a role as it is. */
  bindable: z.boolean(),
  /** The device of this till that it is already. */
  usedBy: deviceIdSchema.optional(),
  /** What to do before it can be used. */
  hint: textSchema.optional(),
});
export type FoundDeviceView = z.infer<typeof foundDeviceSchema>;

/** A kind of devices that this computer could not list: one that is plugged in may be missing among those found. */
export const unlistedDevicesSchema = z.object({
  way: z.enum(['serial', 'hid']),
  hint: textSchema,
  remedy: textSchema,
  /** What helps whoever administers the till, to be typed at a terminal. */
  command: z.string().optional(),
  /** What the system said, for IT, in English. */
  detail: z.string(),
});
export type UnlistedDevices = z.infer<typeof unlistedDevicesSchema>;

/** What is plugged in and may be a scanner, and what could not be looked at. */
export const discoveredSchema = z.object({
  found: z.array(foundDeviceSchema).max(FOUND_DEVICES_MAX),
  unlisted: z.array(unlistedDevicesSchema).max(2),
});
export type Discovered = z.infer<typeof discoveredSchema>;

const count = z.int().min(0);

/** What one device did on one business day. */
export const deviceDaySchema = z.object({
  day: z.string(),
  deviceId: deviceIdSchema,
  scans: count,
  /** Codes that began and never ended. */
  partial: count,
  /** Codes thrown away: garbage, too long, not decodable, read before the claim. */
  dropped: count,
  duplicates: count,
  unknownSymbology: count,
  commErrors: count,
  unplugs: count,
  reopens: count,
  claimFailures: count,
  /** Milliseconds in which it could be used. */
  readyMs: count,
  /** Milliseconds in which it was there and could not be used. */
  troubledMs: count,
});
export type DeviceDay = z.infer<typeof deviceDaySchema>;

/** Days of statistics that one answer holds at most. */
export const DEVICE_DAYS_PAGE_MAX = 100;
/** Statistics are kept so long, in days. */
export const DEVICE_DAYS_KEPT = 400;

/** What devices did, as a file for whoever looks after many tills; the newest day stands first. */
export const deviceStatisticsFileSchema = z.object({
  format: z.literal('tillside-device-statistics/1'),
  tillId: z.string(),
  at: instantSchema,
  days: z.array(deviceDaySchema),
});
export type DeviceStatisticsFile = z.infer<typeof deviceStatisticsFileSchema>;
