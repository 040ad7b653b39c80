import type { DeviceIdentity } from '../../../drivers/contract/device.ts';
import type { FoundDevice } from '../../../drivers/contract/found-device.ts';
import type { DeviceState } from '../../../drivers/contract/state.ts';
import { stateAdvice } from '../../../drivers/contract/state-advice.ts';
import { type DeviceView, type FoundDeviceView, text } from '../../contract/index.ts';
import { type Check, finding } from './check.ts';
import { both } from './io.ts';

const NO_REMEDY = text('', '');
const BIND_IT = text(
  '如需使用，在收银台屏幕的“设备管理”页面为它选择用途',
  "If it is to be used, choose what for on the page “Devices” of the till's screen",
);

/** What `till doctor` says of the devices of a till that runs: one line for each, with the driver's own remedy. */
export function checksOfDevices(devices: readonly DeviceView[]): Check[] {
  return devices.map((device) => {
    const { deviceId, state, since, hint, remedy, command, detail, lastScan } = device;
    const facts = [
      `${state} since ${since}`,
      ...identityFacts(device),
      ...(lastScan === undefined ? [] : [`last scan ${lastScan.at}`]),
      ...(state === 'ready' || detail === undefined ? [] : [detail]),
    ];
    return {
      ...finding(`device ${deviceId}`, state === 'ready', facts.join('; '), remedy ?? hint),
      ...(state === 'ready' || command === undefined
        ? {}
        : { remedy: `${both(remedy ?? hint)}: ${command}` }),
    };
  });
}

/** What is plugged in and has no role: never a fault, as another program may use it, but said with what to do. */
export function checksOfFound(found: readonly FoundDeviceView[]): Check[] {
  return found
    .filter(({ usedBy, identity }) => usedBy === undefined && identity.vid !== undefined)
    .map(({ identity, mode, maker, name, hint, twin, bindable }) => ({
      check: `found ${identity.path ?? identity.portPath ?? identity.vid}`,
      ok: true,
      detail: [
        [maker, name, `${identity.vid}:${identity.pid ?? ''}`].filter(Boolean).join(' '),
        `mode ${mode}`,
        ...(twin ? ['has a twin: bind it by its socket'] : []),
        'no role at this till',
      ].join('; '),
      remedy: both(hint ?? (bindable ? BIND_IT : stateAdvice.unsupported.remedy.text)),
    }));
}

/** How to look at a device that nobody has open. */
export interface DeviceLook {
  readonly found: readonly FoundDevice[];
  /** Whether this account may open the node; true where the system has no such question. */
  mayOpen(path: string): boolean;
  exists(path: string): boolean;
  /** Who has claimed a device, in words; null = nobody. */
  holderOf(identity: DeviceIdentity): Promise<string | null>;
}

/** What `till doctor` says of the devices of a till that does not run, by its settings and bindings. Opens none. */
export async function checksOfDefinitions(
  definitions: readonly Readonly<Record<string, unknown>>[],
  look: DeviceLook,
): Promise<{ readonly checks: Check[]; readonly used: readonly FoundDevice[] }> {
  const used: FoundDevice[] = [];
  const checks: Check[] = [];
  for (const definition of definitions) {
    const check = `device ${String(definition['id'])}`;
    const matching = matchesOf(definition, look);
    if (matching === 'elsewhere') {
      checks.push(finding(check, true, 'not opened by this program', NO_REMEDY));
      continue;
    }
    used.push(...matching.devices);
    const { state, detail } = await stateOf(matching, look);
    const { hint, remedy } = stateAdvice[state];
    checks.push(
      state === 'ready'
        ? finding(check, true, detail, NO_REMEDY)
        : {
            check,
            ok: false,
            detail: `${state}: ${detail}`,
            remedy: `${both(hint)} ${both(remedy.text)}${remedy.command === undefined ? '' : `: ${remedy.command}`}`,
          },
    );
  }
  return { checks, used };
}

interface Matches {
  readonly devices: readonly FoundDevice[];
  /** Of a port that is set up by its path. */
  readonly path?: string;
}

function matchesOf(
  definition: Readonly<Record<string, unknown>>,
  { found }: DeviceLook,
): Matches | 'elsewhere' {
  const { driver, owner, path, usb } = definition;
  if (owner !== 'agent' || String(driver).startsWith('sim-')) return 'elsewhere';
  if (typeof path === 'string')
    return { path, devices: found.filter(({ identity }) => identity.path === path) };
  const ids = Object.entries((usb ?? {}) as Record<string, unknown>);
  const transport = driver === 'hid-scanner' ? 'hid' : 'serial';
  return {
    devices: found.filter(
      ({ identity }) =>
        identity.transport === transport &&
        ids.every(([name, value]) => same(identity[name as keyof DeviceIdentity], value)),
    ),
  };
}

/** Hex digits count alike in either case. */
function same(one: unknown, other: unknown): boolean {
  return String(one).toLowerCase() === String(other).toLowerCase();
}

async function stateOf(
  { devices, path }: Matches,
  look: DeviceLook,
): Promise<{ readonly state: DeviceState; readonly detail: string }> {
  const [first] = devices;
  const node = path ?? first?.identity.path;
  if (first === undefined && (path === undefined || !look.exists(path)))
    return { state: 'absent', detail: path ?? 'not plugged in' };
  if (devices.length > 1)
    return {
      state: 'ambiguous',
      detail: devices.map(({ identity }) => identity.portPath ?? identity.path).join(', '),
    };
  if (first !== undefined && (first.mode === 'keyboard' || first.mode === 'oem'))
    return { state: 'unsupported', detail: `mode ${first.mode}` };
  if (node !== undefined && !look.mayOpen(node))
    return { state: 'denied', detail: `${node}: this account may not open it` };
  const holder = await look.holderOf(first?.identity ?? { transport: 'serial', path: node ?? '' });
  if (holder !== null) return { state: 'busy', detail: holder };
  const named = [first?.maker, first?.name].filter(Boolean).join(' ');
  return {
    state: 'ready',
    detail: ['plugged in and free', named, node].filter((part) => part).join('; '),
  };
}

function identityFacts({ identity, binding }: DeviceView): string[] {
  const { vid, pid, serial, portPath, path } = identity ?? {};
  return [
    ...(binding?.name === undefined ? [] : [binding.name]),
    ...(vid === undefined ? [] : [`${vid}:${pid ?? ''}`]),
    ...(serial === undefined ? [] : [`serial number ${serial}`]),
    ...(portPath === undefined ? [] : [`socket ${portPath}`]),
    ...(path === undefined ? [] : [path]),
  ];
}
