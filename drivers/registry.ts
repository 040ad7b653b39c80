import { z } from 'zod';
import { checkConfig } from './check-config.ts';
import type { ConfigProblem } from './contract/config-problem.ts';
import { type Driver, deviceOwners } from './contract/device.ts';
import type { DriverEnv } from './contract/env.ts';
import type { DriverSink } from './contract/event.ts';
import { err, ok, type Result } from './contract/result.ts';
import { type FingerSettings, PROBED_BAUD_RATES } from './finger/finger-transport.ts';
import { createSerialFinger } from './finger/serial-finger.ts';
import { scanEncodings } from './scanner/code-intake.ts';
import { createHidScanner } from './scanner/hid-scanner.ts';
import { createSerialScanner } from './scanner/serial.ts';
import { frameTerminators, MAX_FRAME_BYTES } from './scanner/serial-frame.ts';
import { moduleProfileNames } from './sim/finger-module/profile.ts';
import { createSimFinger } from './sim/finger-module/sim-finger.ts';
import { createSimHidScanner, simReaders } from './sim/hid-scanner.ts';
import { playWhenReady } from './sim/play-file.ts';
import { createSimScanner } from './sim/scanner.ts';

/** Devices of one till. */
export const MAX_DEVICES = 16;

const common = {
  /** Fits the device ids of the agent's contract. */
  id: z
    .string()
    .min(1)
    .max(64)
    .regex(/^[A-Za-z0-9][A-Za-z0-9_.:-]*$/, 'letters, digits and _ . : - only'),
  owner: z.enum(deviceOwners),
};

const codeFields = {
  duplicateWindowMs: z.int().min(0).max(5_000).optional(),
  encoding: z.enum(scanEncodings).optional(),
};

const lineFields = {
  ...codeFields,
  terminator: z.enum(frameTerminators).optional(),
  maxFrameBytes: z.int().min(1).max(MAX_FRAME_BYTES).optional(),
  interByteTimeoutMs: z.int().min(10).max(5_000).optional(),
  resyncSilenceMs: z.int().min(10).max(10_000).optional(),
};

const HEX_WORD = /^[0-9A-Fa-f]{8}$/;
const usbId = z.string().regex(/^[0-9A-Fa-f]{4}$/, 'four hex digits');

const usbAddress = z.strictObject({
  vid: usbId,
  pid: usbId.optional(),
  serial: z.string().min(1).max(128).optional(),
  portPath: z.string().min(1).max(128).optional(),
});

const serialSchema = z
  .strictObject({
    ...common,
    ...lineFields,
    driver: z.literal('serial-scanner'),
    path: z.string().min(1).max(255).optional(),
    usb: usbAddress.optional(),
    baudRate: z.int().min(300).max(4_000_000).default(9_600),
    dataBits: z.union([z.literal(7), z.literal(8)]).default(8),
    parity: z.enum(['none', 'even', 'odd']).default('none'),
    stopBits: z.union([z.literal(1), z.literal(2)]).default(1),
  })
  .refine(
    (device) =>
      device.owner !== 'agent' || (device.path === undefined) !== (device.usb === undefined),
    {
      message: 'give either path, such as /dev/serial/by-id/… or COM3, or usb',
      path: ['path'],
    },
  );

const hidSchema = z.strictObject({
  ...common,
  ...codeFields,
  driver: z.literal('hid-scanner'),
  usb: usbAddress,
});

/** Played once, when the device is ready for the first time; see `sim/scenarios/`. */
const scenarioFile = z.string().min(1).max(4_096).optional();

const simSchema = z.strictObject({
  ...common,
  ...lineFields,
  driver: z.literal('sim-scanner'),
  scenarioFile,
});

const simHidSchema = z.strictObject({
  ...common,
  ...codeFields,
  driver: z.literal('sim-hid-scanner'),
  reader: z.enum(simReaders).optional(),
  scenarioFile,
});

/** What a module answers to, where it is not as it was delivered; both as 8 hex digits, as makers print them. */
const fingerFields = {
  baudRate: z
    .int()
    .refine((rate) => PROBED_BAUD_RATES.some((one) => one === rate), '9600 x 1..12')
    .optional(),
  address: z.string().regex(HEX_WORD, 'eight hex digits').optional(),
  password: z.string().regex(HEX_WORD, 'eight hex digits').optional(),
};

const serialFingerSchema = z
  .strictObject({
    ...common,
    ...fingerFields,
    driver: z.literal('serial-finger'),
    path: z.string().min(1).max(255).optional(),
    usb: usbAddress.optional(),
  })
  .refine((device) => (device.path === undefined) !== (device.usb === undefined), {
    message: 'give either path, such as /dev/serial/by-id/… or COM3, or usb',
    path: ['path'],
  });

const simFingerSchema = z.strictObject({
  ...common,
  ...fingerFields,
  driver: z.literal('sim-finger'),
  profile: z.enum(moduleProfileNames).default('r503'),
});

/** One device as the till's configuration names it. */
export type DeviceDefinition =
  | z.infer<typeof serialSchema>
  | z.infer<typeof hidSchema>
  | z.infer<typeof simSchema>
  | z.infer<typeof simHidSchema>
  | z.infer<typeof serialFingerSchema>
  | z.infer<typeof simFingerSchema>;
type DriverName = DeviceDefinition['driver'];

/** A driver is added by its schema here and its maker in `createDriver`. */
const schemas: {
  readonly [Name in DriverName]: z.ZodType<Extract<DeviceDefinition, { driver: Name }>>;
} = {
  'serial-scanner': serialSchema,
  'hid-scanner': hidSchema,
  'sim-scanner': simSchema,
  'sim-hid-scanner': simHidSchema,
  'serial-finger': serialFingerSchema,
  'sim-finger': simFingerSchema,
};

const isDriverName = (name: unknown): name is DriverName =>
  typeof name === 'string' && Object.hasOwn(schemas, name);

const listSchema = z.array(z.looseObject({ driver: z.string() })).max(MAX_DEVICES);

const unknownDriver = (field: string, name: string): ConfigProblem => ({
  field: `${field}.driver`,
  code: 'unknown-driver',
  text: {
    'zh-CN': `没有名为“${name}”的驱动，可用：${Object.keys(schemas).join('、')}。请改正。`,
    en: `there is no driver “${name}”; choose one of ${Object.keys(schemas).join(', ')}`,
  },
});

const repeatedIds = (devices: readonly DeviceDefinition[]): ConfigProblem[] =>
  devices.flatMap((device, index) =>
    devices.findIndex((other) => other.id === device.id) === index
      ? []
      : [
          {
            field: `devices[${index}].id`,
            code: 'repeated-id' as const,
            text: {
              'zh-CN': `编号“${device.id}”重复，请为每个设备使用不同的编号。`,
              en: `the id “${device.id}” is used twice; give each device an id of its own`,
            },
          },
        ],
  );

/** Reads the device list of a till's configuration. Every problem names its device and field. */
export const parseDevices = (
  input: unknown,
): Result<readonly DeviceDefinition[], readonly ConfigProblem[]> => {
  const list = checkConfig(listSchema, input, 'devices');
  if (!list.ok) return list;
  const devices: DeviceDefinition[] = [];
  const problems: ConfigProblem[] = [];
  for (const [index, entry] of list.value.entries()) {
    const field = `devices[${index}]`;
    if (!isDriverName(entry.driver)) {
      problems.push(unknownDriver(field, entry.driver));
      continue;
    }
    const checked = checkConfig<DeviceDefinition>(schemas[entry.driver], entry, field);
    if (checked.ok) devices.push(checked.value);
    else problems.push(...checked.error);
  }
  problems.push(...repeatedIds(devices));
  return problems.length === 0 ? ok(devices) : err(problems);
};

/** A simulated device, which plays the scenario of its definition where it names one. */
const simulated = (
  { id, scenarioFile: file }: { readonly id: string; readonly scenarioFile?: string | undefined },
  env: DriverEnv,
  sink: DriverSink,
  create: (sink: DriverSink) => Driver,
): Driver => {
  if (file === undefined) return create(sink);
  const driver: Driver = create(playWhenReady(file, id, env, sink, () => driver.simulation));
  return driver;
};

const spokenTo = ({
  baudRate,
  address,
  password,
}: {
  readonly baudRate?: number | undefined;
  readonly address?: string | undefined;
  readonly password?: string | undefined;
}): FingerSettings => ({
  ...(baudRate === undefined ? {} : { baudRate }),
  ...(address === undefined ? {} : { address: Number.parseInt(address, 16) }),
  ...(password === undefined ? {} : { password: Number.parseInt(password, 16) }),
});

const createDriver = (device: DeviceDefinition, env: DriverEnv, sink: DriverSink): Driver => {
  const { id, owner } = device;
  switch (device.driver) {
    case 'serial-scanner':
      return createSerialScanner({ id, owner, line: device, port: device }, env, sink);
    case 'hid-scanner':
      return createHidScanner({ id, owner, line: device, usb: device.usb }, env, sink);
    case 'sim-scanner':
      return simulated(device, env, sink, (to) =>
        createSimScanner({ id, owner, line: device }, env, to),
      );
    case 'sim-hid-scanner':
      return simulated(device, env, sink, (to) =>
        createSimHidScanner({ ...device, line: device }, env, to),
      );
    case 'serial-finger':
      return createSerialFinger({ id, owner, port: device, settings: spokenTo(device) }, env, sink);
    case 'sim-finger':
      return createSimFinger(
        { id, owner, profile: device.profile, settings: spokenTo(device) },
        env,
        sink,
      ).driver;
  }
};

/**
 * Makes the drivers of a till; none is started. Devices owned by the POS program or shared
 * as a keyboard wedge get no driver: opening them would take them from their owner.
 */
export const createDrivers = (
  devices: readonly DeviceDefinition[],
  env: DriverEnv,
  sink: DriverSink,
): readonly Driver[] =>
  devices
    .filter((device) => device.owner === 'agent')
    .map((device) => createDriver(device, env, sink));
