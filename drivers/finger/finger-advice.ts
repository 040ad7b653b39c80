import type { StateAdvice } from '../contract/state-advice.ts';

/** Nothing that speaks the protocol answered, at any speed. */
export const nobodyAnswers: StateAdvice = {
  hint: {
    'zh-CN': '串口已打开，但指纹模块没有应答。',
    en: 'The port opens, but no fingerprint module answers.',
  },
  remedy: {
    code: 'check-cable',
    text: {
      'zh-CN':
        '请检查模块供电、收发线是否接反，并确认该串口接的是指纹模块；程序会继续自动尝试各种波特率。',
      en: 'Check the power of the module and whether its two data wires are crossed, and that this port is the right one. All speeds are tried again by themselves.',
    },
  },
};

/** The module answers and takes none of the passwords. */
export const passwordRefused: StateAdvice = {
  hint: {
    'zh-CN': '指纹模块设有密码，本机的密码不对。',
    en: 'The fingerprint module has a password, and it is not the one of this till.',
  },
  remedy: {
    code: 'set-password',
    text: {
      'zh-CN': '请信息人员在设备配置中填写该模块的密码（8 位十六进制），或换用未设密码的模块。',
      en: 'Ask IT to set the password of this module (8 hex digits) in the device settings, or to use a module without one.',
    },
  },
};
