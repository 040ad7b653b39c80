/** What tells one family of modules from another; figures from the makers' manuals, where they agree with what was read off. */
export type ModuleProfile = {
  readonly name: string;
  readonly systemId: number;
  readonly capacity: number;
  readonly templateBytes: number;
  /** 0..3 = data packets of 32, 64, 128, 256 bytes. */
  readonly packetCode: number;
  readonly baudRate: number;
  /** Templates that can be merged. */
  readonly buffers: number;
  readonly light: 'aura' | 'lamp' | 'none';
  /** Absent: the model has no instruction that tells. */
  readonly product?: { readonly model: string; readonly sensor: string };
  /** A stray byte that comes once the module has power. */
  readonly startByte?: number;
  /** Some answer 0x17 where a finger has left its trace on the glass. */
  readonly tellsResidue: boolean;
  readonly captureMs: number;
  readonly flashMs: number;
};

/** Three families that differ in each way that a driver could trip over. */
export const moduleProfiles = {
  r305: {
    name: 'r305',
    systemId: 0x0000,
    capacity: 256,
    templateBytes: 512,
    packetCode: 2,
    baudRate: 57_600,
    buffers: 2,
    light: 'none',
    tellsResidue: false,
    captureMs: 40,
    flashMs: 20,
  },
  r307: {
    name: 'r307',
    systemId: 0x0009,
    capacity: 1_000,
    templateBytes: 768,
    packetCode: 2,
    baudRate: 57_600,
    buffers: 2,
    light: 'lamp',
    tellsResidue: true,
    captureMs: 40,
    flashMs: 20,
  },
  r503: {
    name: 'r503',
    systemId: 0x0000,
    capacity: 200,
    templateBytes: 1_536,
    packetCode: 2,
    baudRate: 57_600,
    buffers: 6,
    light: 'aura',
    product: { model: 'R503', sensor: 'GR192RGB' },
    startByte: 0x55,
    tellsResidue: false,
    captureMs: 30,
    flashMs: 20,
  },
} as const satisfies Readonly<Record<string, ModuleProfile>>;
export type ModuleProfileName = keyof typeof moduleProfiles;
export const moduleProfileNames = Object.keys(moduleProfiles) as [
  ModuleProfileName,
  ...ModuleProfileName[],
];
