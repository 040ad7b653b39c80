import type { Messages } from './zh-cn.ts';

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'console';
    resources: { console: Messages };
    returnNull: false;
  }
}
