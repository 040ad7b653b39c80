import { localStorageColorSchemeManager, MantineProvider } from '@mantine/core';
import { StrictMode, useState } from 'react';
import type { Text } from '../../agent/contract/text.ts';
import { Crash } from '../kit/crash.tsx';
import { type Env, EnvContext } from '../kit/env.ts';
import { theme } from '../kit/theme.ts';
import { CashierPage } from './cashier/cashier-page.tsx';
import { TillContext, type TillUse } from './cashier/till-context.ts';
import { CustomerPage } from './customer/customer-page.tsx';
import { DemoPage } from './demo/demo-page.tsx';
import { DevicesPage } from './devices/devices-page.tsx';
import { SyncPage } from './headquarters/sync-page.tsx';
import { ManagerPage } from './manager/manager-page.tsx';
import { RegisterPage } from './register/register-page.tsx';
import { useScreen } from './router.ts';

/**
 * All screens of the till.
 * @param props.till makes the way to the till on first use; the register, which is no part of the till, never asks
 * @param props.schemeKey where the choice of light or dark is kept; absent = where every other screen keeps it
 */
export function App(props: {
  readonly env: Env;
  readonly till: () => TillUse;
  readonly schemeKey?: string | undefined;
}) {
  const { schemeKey } = props;
  const [scheme] = useState(() =>
    localStorageColorSchemeManager(schemeKey === undefined ? {} : { key: schemeKey }),
  );
  return (
    <StrictMode>
      <MantineProvider theme={theme} defaultColorScheme="light" colorSchemeManager={scheme}>
        <EnvContext value={props.env}>
          <Crash hint={UNHARMED}>
            <Screens till={props.till} />
          </Crash>
        </EnvContext>
      </MantineProvider>
    </StrictMode>
  );
}

/** What a broken page leaves alone, and what to do. */
const UNHARMED: Text = {
  'zh-CN': '销售数据不受影响。请重新加载；若再次出现，请联系技术支持。',
  en: 'No sale is affected. Load it again; call support if it happens again.',
};

/** The screens that show the till. */
const PAGES = {
  cashier: CashierPage,
  customer: CustomerPage,
  manager: ManagerPage,
  sync: SyncPage,
  devices: DevicesPage,
  demo: DemoPage,
} as const;

function Screens({ till }: { readonly till: () => TillUse }) {
  const screen = useScreen();
  switch (screen) {
    case 'register':
      return <RegisterPage alone />;
    case 'cashier':
    case 'customer':
    case 'manager':
    case 'sync':
    case 'devices':
    case 'demo': {
      const Page = PAGES[screen];
      return (
        <TillContext value={till()}>
          <Page />
        </TillContext>
      );
    }
  }
}
