/**
 * A machine whose clock is wrong: loaded before a program by `node --import`, it moves the program's wall clock by
 * TILLSIDE_TEST_CLOCK_SHIFT_MS milliseconds. The monotonic clock runs on.
 */
const shiftMs = Number(process.env['TILLSIDE_TEST_CLOCK_SHIFT_MS'] ?? 0);
const RightDate = Date;

globalThis.Date = new Proxy(RightDate, {
  construct: (target, given, self) =>
    Reflect.construct(target, given.length === 0 ? [RightDate.now() + shiftMs] : given, self),
  apply: () => new RightDate(RightDate.now() + shiftMs).toString(),
  get: (target, name, self) =>
    name === 'now' ? () => RightDate.now() + shiftMs : Reflect.get(target, name, self),
});
