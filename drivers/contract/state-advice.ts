import type { DeviceState } from './state.ts';
import type { LocalText } from './text.ts';

export const remedyCodes = [
  'none',
  'plug-in',
  'wait',
  'resume',
  'grant-access',
  'close-other-program',
  'scan-setup-code',
  'check-cable',
] as const;

/** What a person can do about a state. `command` is for whoever administers the till. */
export type Remedy = {
  readonly code: (typeof remedyCodes)[number];
  readonly text: LocalText;
  readonly command?: string;
};

/** The plain sentence for a state and what to do next. */
export type StateAdvice = { readonly hint: LocalText; readonly remedy: Remedy };

const nothingToDo: Remedy = {
  code: 'none',
  text: { 'zh-CN': '无需处理。', en: 'Nothing to do.' },
};

/** One row a state: what the screen says and what helps. */
export const stateAdvice: Readonly<Record<DeviceState, StateAdvice>> = {
  absent: {
    hint: { 'zh-CN': '未找到设备。', en: 'The device is not connected.' },
    remedy: {
      code: 'plug-in',
      text: {
        'zh-CN': '请插好设备的数据线；插好后会自动连接。',
        en: 'Plug the device in; it connects by itself.',
      },
    },
  },
  present: {
    hint: { 'zh-CN': '已发现设备。', en: 'The device was found.' },
    remedy: { code: 'wait', text: { 'zh-CN': '请稍候。', en: 'Wait a moment.' } },
  },
  claiming: {
    hint: { 'zh-CN': '正在连接设备。', en: 'Connecting to the device.' },
    remedy: { code: 'wait', text: { 'zh-CN': '请稍候。', en: 'Wait a moment.' } },
  },
  ready: {
    hint: { 'zh-CN': '设备可以使用。', en: 'The device is ready.' },
    remedy: nothingToDo,
  },
  paused: {
    hint: { 'zh-CN': '设备已暂停，未被占用。', en: 'The device is paused and released.' },
    remedy: {
      code: 'resume',
      text: { 'zh-CN': '需要使用时请恢复设备。', en: 'Resume the device to use it.' },
    },
  },
  denied: {
    hint: {
      'zh-CN': '系统不允许本程序使用该设备。',
      en: 'The system does not let this program use the device.',
    },
    remedy: {
      code: 'grant-access',
      text: {
        'zh-CN':
          '请信息人员将运行本程序的用户加入设备所属的用户组（通常是 dialout），然后重新登录。',
        en: 'Ask IT to add the user running this program to the group of the device (usually dialout), then sign in again.',
      },
      command: 'sudo usermod -aG dialout "$USER"',
    },
  },
  busy: {
    hint: { 'zh-CN': '设备正被其他程序占用。', en: 'Another program is using the device.' },
    remedy: {
      code: 'close-other-program',
      text: {
        'zh-CN': '请关闭占用该设备的程序；释放后会自动连接。',
        en: 'Close the program that holds the device; it connects by itself once it is free.',
      },
    },
  },
  unsupported: {
    hint: {
      'zh-CN': '设备处于本程序无法使用的模式。',
      en: 'The device is in a mode that this program cannot use.',
    },
    remedy: {
      code: 'scan-setup-code',
      text: {
        'zh-CN': '请用设备扫描厂家手册中的“USB 串口”设置码。',
        en: "Scan the maker's “USB serial” set-up code with the device.",
      },
    },
  },
  faulted: {
    hint: { 'zh-CN': '设备出错，正在自动重试。', en: 'The device failed; retrying by itself.' },
    remedy: {
      code: 'check-cable',
      text: {
        'zh-CN': '若一分钟内未恢复，请重新插拔数据线。',
        en: 'If it has not recovered within a minute, unplug the cable and plug it in again.',
      },
    },
  },
};
