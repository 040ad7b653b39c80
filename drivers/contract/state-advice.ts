import type { DeviceState } from './state.ts';
import type { LocalText } from './text.ts';

export const remedyCodes = [
  'none',
  'plug-in',
  'wait',
  'resume',
  'grant-access',
  'install-package',
  'close-other-program',
  'choose-device',
  'scan-setup-code',
  'check-cable',
  'set-password',
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
          '请信息人员安装 udev 规则 70-tillside-scanners.rules，然后重新插拔设备；以服务方式运行时，还需将运行本程序的用户加入 dialout 组。',
        en: 'Ask IT to install the udev rule 70-tillside-scanners.rules and to plug the device in again. A till that runs as a service also needs its user in the group dialout.',
      },
      command:
        'sudo install -m 644 70-tillside-scanners.rules /etc/udev/rules.d/ && sudo udevadm control --reload && sudo udevadm trigger --subsystem-match=hidraw --subsystem-match=tty',
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
  ambiguous: {
    hint: {
      'zh-CN': '有几个相同的设备，无法区分应使用哪一个。',
      en: 'Several identical devices are connected, and nothing says which one to use.',
    },
    remedy: {
      code: 'choose-device',
      text: {
        'zh-CN': '请在设备页面选择其中一个，按所插的接口绑定；或只保留一个。',
        en: 'Choose one of them on the device page, where it is bound by its socket, or unplug the others.',
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
