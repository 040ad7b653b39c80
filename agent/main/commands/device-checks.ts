import type { DeviceIdentity } from '../../../drivers/contract/device.ts';
import type { DeviceMode, FoundDevice, Unlisted } from '../../../drivers/contract/found-device.ts';
import type { DeviceState } from '../../../drivers/contract/state.ts';
import { type StateAdvice, stateAdvice } from '../../../drivers/contract/state-advice.ts';
import {
  type DeviceView,
  type FoundDeviceView,
  type Text,
  text,
  type UnlistedDevices,
} from '../../contract/index.ts';
import { type Check, finding } from './check.ts';
import { both } from './io.ts';

const NO_REMEDY = text('', '');
const ELSEWHERE = text('不由本程序打开', 'not opened by this program');
const BIND_IT = text(
  '如需使用，在收银台屏幕的“设备管理”页面为它选择用途',
  "If it is to be used, choose what for on the page “Devices” of the till's screen",
);

const WITHOUT_ROLE = text('没有分配用途', 'no role at this till');
const TWIN_WITHOUT_ROLE = text(
  '没有分配用途；有相同的设备，请按插口绑定',
  'no role at this till; has a twin: bind it by its socket',
);

/** A sentence in both languages, and behind it what is the same in each: states, ids, nodes, what the system said. */
function withFacts(said: Text, facts: readonly (string | undefined)[]): string {
  const known = facts.filter((fact) => fact !== undefined && fact !== '');
  return `${both(said)}${known.length === 0 ? '' : ` (${known.join(', ')})`}`;
}

/** What `till doctor` says of the devices of a till that runs: one line for each, with the driver's own remedy. */
export function checksOfDevices(devices: readonly DeviceView[]): Check[] {
  return devices.map((device) => {
    const { deviceId, state, since, hint, remedy, command, detail, lastScan } = device;
    const said = text(
      `${hint['zh-CN']}自 ${since} 起。${lastScan === undefined ? '' : `上次扫码 ${lastScan.at}。`}`,
      `${hint.en} Since ${since}.${lastScan === undefined ? '' : ` Last scan ${lastScan.at}.`}`,
    );
    const facts = [
      state,
      ...identityFacts(device),
      ...(state === 'ready' || detail === undefined ? [] : [detail]),
    ];
    return {
      ...finding(`device ${deviceId}`, state === 'ready', withFacts(said, facts), remedy ?? hint),
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
      detail: withFacts(twin ? TWIN_WITHOUT_ROLE : WITHOUT_ROLE, [
        [maker, name, `${identity.vid}:${identity.pid ?? ''}`].filter(Boolean).join(' '),
        mode,
      ]),
      remedy: both(hint ?? (bindable ? BIND_IT : stateAdvice.unsupported.remedy.text)),
    }));
}

/**
 * What could not be listed: no fault where nothing of it is used, and where something is, its own line says so. But never
 * the same as that nothing is plugged in.
 */
export function checksOfUnlisted(unlisted: readonly UnlistedDevices[]): Check[] {
  return unlisted.map(({ way, hint, remedy, command, detail }) => ({
    check: `list of ${way} devices`,
    ok: true,
    detail: withFacts(hint, [detail]),
    remedy: `${both(remedy)}${command === undefined ? '' : `: ${command}`}`,
  }));
}

/** How to look at a device that nobody has open. */
export interface DeviceLook {
  readonly found: readonly FoundDevice[];
  readonly unlisted: readonly Unlisted[];
  /** Whether this account may open the node; true where the system has no such question. */
  mayOpen(path: string): boolean;
  exists(path: string): boolean;
  /** The node that a path leads to, links followed. */
  nodeOf(path: string): string;
  /** Who has claimed a device; null = nobody. */
  holderOf(identity: DeviceIdentity): Promise<Text | null>;
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
      checks.push(finding(check, true, both(ELSEWHERE), NO_REMEDY));
      continue;
    }
    used.push(...matching.devices);
    const { state, detail, advice } = await stateOf(matching, look, definition['driver']);
    const { hint, remedy } = advice ?? stateAdvice[state];
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
  { found, nodeOf }: DeviceLook,
): Matches | 'elsewhere' {
  const { driver, owner, path: named, usb } = definition;
  if (owner !== 'agent' || String(driver).startsWith('sim-')) return 'elsewhere';
  const path = typeof named === 'string' ? nodeOf(named) : undefined;
  if (path !== undefined)
    return { path, devices: found.filter(({ identity }) => identity.path === path) };
  const ids = Object.entries((usb ?? {}) as Record<string, unknown>);
  const transport = transportOf(driver);
  return {
    devices: found.filter(
      ({ identity }) =>
        identity.transport === transport &&
        ids.every(([name, value]) => same(name, identity[name as keyof DeviceIdentity], value)),
    ),
  };
}

const transportOf = (driver: unknown): 'hid' | 'serial' =>
  driver === 'hid-scanner' ? 'hid' : 'serial';

/** Hex digits count alike in either case; serial numbers and sockets are what they are. */
function same(name: string, one: unknown, other: unknown): boolean {
  if (name !== 'vid' && name !== 'pid') return one === other;
  return String(one).toLowerCase() === String(other).toLowerCase();
}

async function stateOf(
  { devices, path }: Matches,
  look: DeviceLook,
  driver: unknown,
): Promise<{
  readonly state: DeviceState;
  readonly detail: string;
  readonly advice?: StateAdvice | undefined;
}> {
  const [first] = devices;
  const node = path ?? first?.identity.path;
  const failed = look.unlisted.find(({ way }) => way === transportOf(driver));
  // What is not listed may well be plugged in.
  if (first === undefined && path === undefined && failed !== undefined)
    return {
      state: 'faulted',
      detail: withFacts(text('这类设备无法列出', 'devices of this kind cannot be listed'), [
        failed.detail,
      ]),
      advice: failed,
    };
  if (first === undefined && (path === undefined || !look.exists(path)))
    return {
      state: 'absent',
      detail: withFacts(text('没有插好，或找不到', 'not plugged in, or not found'), [path]),
    };
  if (devices.length > 1)
    return {
      state: 'ambiguous',
      detail: withFacts(
        text('有几个设备符合', 'several devices fit'),
        devices.map(({ identity }) => identity.portPath ?? identity.path),
      ),
    };
  const wrongMode = first === undefined ? undefined : WRONG_MODES[first.mode];
  if (wrongMode !== undefined)
    return { state: 'unsupported', detail: withFacts(wrongMode, [node]) };
  if (node !== undefined && !look.mayOpen(node))
    return {
      state: 'denied',
      detail: withFacts(text('本账户不能打开', 'this account may not open it'), [node]),
    };
  const holder = await look.holderOf(first?.identity ?? { transport: 'serial', path: node ?? '' });
  if (holder !== null) return { state: 'busy', detail: withFacts(holder, [node]) };
  return {
    state: 'ready',
    detail: withFacts(text('已插好，未被占用', 'plugged in and free'), [
      [first?.maker, first?.name].filter(Boolean).join(' '),
      node,
    ]),
  };
}

const WRONG_MODES: Partial<Record<DeviceMode, Text>> = {
  keyboard: text('处于键盘模式', 'it is in keyboard mode'),
  oem: text('处于厂家专用模式', "it is in a maker's own mode"),
};

function identityFacts({ identity, binding }: DeviceView): string[] {
  const { vid, pid, serial, portPath, path } = identity ?? {};
  return [
    ...(binding?.name === undefined ? [] : [binding.name]),
    ...(vid === undefined ? [] : [`${vid}:${pid ?? ''}`]),
    ...(serial === undefined ? [] : [`serial ${serial}`]),
    ...(portPath === undefined ? [] : [`portPath ${portPath}`]),
    ...(path === undefined ? [] : [path]),
  ];
}
