/**
 * What a claimed device's bytes go to. Serial lines bring pieces cut anywhere, HID one report at a time; the life of the
 * device around it is the same.
 */
export type DeviceLine = {
  /** Bytes from an open, claimed device. */
  receive(bytes: Uint8Array): void;
  /** Bytes from before the claim: they keep the line in step, and nothing comes of them. */
  drain(bytes: Uint8Array): void;
  /** Ends the drain: what began before the claim is thrown away to its end. */
  claimed(): void;
  /** The line is gone; what that cut in two is told. `unplugged` says how. */
  closed(unplugged: boolean): void;
};
