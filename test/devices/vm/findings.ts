/**
 * What the guest finds out about the drivers on a real kernel, in the order in which it looks. Each is printed by the
 * guest as one line and asserted outside by its name.
 */
export const findingNames = [
  'an agent without rights sees `denied` on a serial and an HID scanner, and the remedy names the udev rule (No permission)',
  'the packaged udev rule gives the person signed in at the till both scanners, without a restart of the agent',
  'the packaged udev rule gives an HID scanner of any maker to the group of a till that runs as a service, and no keyboard to anybody',
  'a serial and an HID scanner bound by USB serial number are claimed and read on a real kernel',
  'reports and bytes that waited in the kernel before the claim are dropped',
  'a scanner of a known maker is told by a test scan to begin reading, and to stop once it has read the code',
  'both are listed as found, with the definition that binds them by serial number',
  'both are released before the computer sleeps and come back after it, and nothing from between is read',
  'a second agent sees `busy` on both scanners, steals nothing, and takes over when the first lets go (Device busy in another process)',
  'twenty unplugs in the middle of a code cost no process and no whole code (Unplug inside a continued report)',
  'a scanner that comes back under another node number is the same scanner (Node renamed on replug)',
] as const;
export type FindingName = (typeof findingNames)[number];

/** One line of the guest's output behind `FINDING_MARK`. */
export interface Finding {
  readonly name: FindingName;
  readonly ok: boolean;
  /** Figures of what was seen, or what went wrong. */
  readonly detail: string;
  /** How long it took in the guest, which is 5 to 15 times slower than a machine. */
  readonly tookMs: number;
}

export const FINDING_MARK = 'finding ';
