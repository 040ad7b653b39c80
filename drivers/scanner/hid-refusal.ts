import type { OpenFailure } from '../contract/byte-link.ts';
import type { DeviceMode } from '../contract/found-device.ts';
import { type StateAdvice, stateAdvice } from '../contract/state-advice.ts';
import type { LocalText } from '../contract/text.ts';
import { openFailureOf } from '../serial/open-error.ts';
import type { HidScannerFacts } from './hid-device.ts';
import { makerOf, setupText } from './hid-makers.ts';

/** The udev rule that comes with the program; it gives access to scanners in HID POS mode. */
export const UDEV_RULE = '70-tillside-scanners.rules';

const modeText: Readonly<Record<Extract<DeviceMode, 'keyboard' | 'oem'>, LocalText>> = {
  keyboard: {
    'zh-CN': '扫码枪处于键盘模式：它像键盘一样打字，本程序无法独占读取。',
    en: 'The scanner is in keyboard mode: it types like a keyboard, and no program can claim it.',
  },
  oem: {
    'zh-CN': '扫码枪处于厂家专用模式（如 IBM 手持、USB-OEM、OPOS），本程序不支持其协议。',
    en: "The scanner is in a maker's own mode (such as IBM hand-held, USB-OEM, OPOS), whose protocol this program does not speak.",
  },
};

const joined = (first: LocalText, second: LocalText): LocalText => ({
  'zh-CN': `${first['zh-CN']}${second['zh-CN']}`,
  en: `${first.en} ${second.en}`,
});

/** What a scanner in another mode is told people about, set-up code included; undefined for one that can be read. */
export const modeAdvice = ({ mode, vid }: HidScannerFacts): StateAdvice | undefined => {
  const maker = makerOf(vid);
  if (mode === 'hid-pos' || maker === undefined) return undefined;
  return { hint: modeText[mode], remedy: { code: 'scan-setup-code', text: setupText(maker) } };
};

/** The same in one text, for lists. */
export const modeHint = (scanner: HidScannerFacts): LocalText | undefined => {
  const advice = modeAdvice(scanner);
  return advice === undefined ? undefined : joined(advice.hint, advice.remedy.text);
};

/** A scanner in a mode that cannot be read, as a refused opening. */
export const wrongMode = (scanner: HidScannerFacts): OpenFailure => {
  const advice = modeAdvice(scanner);
  return {
    code: 'unsupported',
    detail: `${scanner.vid}:${scanner.pid} is in ${scanner.mode} mode`,
    ...(advice === undefined ? {} : { advice }),
  };
};

const ruleAdvice: StateAdvice = {
  hint: stateAdvice.denied.hint,
  remedy: {
    code: 'grant-access',
    text: {
      'zh-CN': `请信息人员安装随程序提供的 udev 规则 ${UDEV_RULE}，然后重新插拔扫码枪。`,
      en: `Ask IT to install the udev rule ${UDEV_RULE} that comes with the program, then plug the scanner in again.`,
    },
    command: `sudo install -m 644 ${UDEV_RULE} /etc/udev/rules.d/ && sudo udevadm control --reload && sudo udevadm trigger --subsystem-match=hidraw`,
  },
};

/** A node that this user may not open; on Linux the remedy is the packaged rule. */
export const deniedNode = (path: string, platform: string): OpenFailure => ({
  code: 'denied',
  detail: `${path}: permission denied`,
  ...(platform === 'linux' ? { advice: ruleAdvice } : {}),
});

const libraryAdvice: StateAdvice = {
  hint: {
    'zh-CN': '这台电脑缺少系统库 libusb-1.0，无法读取 USB HID 扫码枪。',
    en: 'This computer lacks the system library libusb-1.0, without which no USB HID scanner can be read.',
  },
  remedy: {
    code: 'install-package',
    text: {
      'zh-CN': '请信息人员安装软件包 libusb-1.0-0；装好后会自动连接。',
      en: 'Ask IT to install the package libusb-1.0-0; the scanner then connects by itself.',
    },
    command: 'sudo apt-get install libusb-1.0-0',
  },
};

/** A computer on which the HID binding cannot be loaded; undefined where `detail` says something else. */
export const missingLibrary = (detail: string): OpenFailure | undefined =>
  /libusb\S*: cannot open shared object/i.test(detail)
    ? { code: 'failed', detail, advice: libraryAdvice }
    : undefined;

/**
 * Windows adds its error number to words in the language of the system: 2 and 3 not found, 5 no
 * access, 31 and 1167 gone, 32 shared with nobody (winerror.h). A scanner in HID POS mode is refused
 * with 5 when another program or the system's own scanner service has it, not for a lack of rights.
 */
const byWindowsNumber: Readonly<Record<string, OpenFailure['code']>> = {
  '00000002': 'absent',
  '00000003': 'absent',
  '00000005': 'busy',
  '0000001F': 'absent',
  '00000020': 'busy',
  '0000048F': 'absent',
};

/** Sorts what the system said at opening; `platform` as in `process.platform`. */
export const hidOpenFailure = (detail: string, path: string, platform: string): OpenFailure => {
  const number = /\(0x([0-9A-F]{8})\)/i.exec(detail)?.[1]?.toUpperCase();
  const code =
    platform === 'win32' && number !== undefined && Object.hasOwn(byWindowsNumber, number)
      ? byWindowsNumber[number]
      : openFailureOf(detail, platform).code;
  return code === 'denied'
    ? { ...deniedNode(path, platform), detail }
    : { code: code ?? 'failed', detail };
};
