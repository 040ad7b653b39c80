import type { Messages } from './zh-cn.ts';

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'screen';
    resources: { screen: Messages };
    returnNull: false;
  }
}
