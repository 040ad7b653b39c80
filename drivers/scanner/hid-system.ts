import type { HidInterface } from './hid-device.ts';

/** An open HID interface. Every call may fail or hang; give each a time limit. */
export type HidHandle = {
  /** Sends an output report, report id in front. */
  write(report: Uint8Array): Promise<void>;
  /** Sends a feature report, report id in front. */
  sendFeature(report: Uint8Array): Promise<void>;
  close(): Promise<void>;
};

export type HidHandlers = {
  /** Called with each input report; the receiver may keep the array. */
  onReport(report: Uint8Array): void;
  /** Called with what the system said, any number of times. */
  onError(detail: string): void;
};

/** What the HID driver asks of the computer that it runs on. */
export type HidSystem = {
  /** As `process.platform`. */
  readonly platform: string;
  /** The HID interfaces of this computer; opens none for reading. */
  list(): Promise<readonly HidInterface[]>;
  /** Whether an interface is there and whether this user may open it, where the system can tell beforehand. */
  access(path: string): Promise<'absent' | 'denied' | 'open'>;
  /** The report descriptor of an interface, or undefined where the system does not give it. */
  descriptor(path: string): Promise<Uint8Array | undefined>;
  /** Tells an interface from another one that has taken its name; undefined where nothing is there. */
  mark(path: string): Promise<string | undefined>;
  /** Opens an interface; throws what the system said. Reports come from then on, those from before first. */
  open(path: string, handlers: HidHandlers): Promise<HidHandle>;
};
