import { MantineProvider } from '@mantine/core';
import { StrictMode } from 'react';
import { theme } from '../kit/theme.ts';
import { CashierPage } from './cashier/cashier-page.tsx';
import { TillContext, type TillUse } from './cashier/till-context.ts';
import { DemoPage } from './demo/demo-page.tsx';
import { SyncPage } from './headquarters/sync-page.tsx';
import { Crash } from './kit/crash.tsx';
import { type Env, EnvContext } from './kit/env.ts';
import { ManagerPage } from './manager/manager-page.tsx';
import { RegisterPage } from './register/register-page.tsx';
import { useScreen } from './router.ts';

/**
 * All screens of the till.
 * @param props.till makes the way to the till on first use; the register, which is no part of the till, never asks
 */
export function App(props: { readonly env: Env; readonly till: () => TillUse }) {
  return (
    <StrictMode>
      <MantineProvider theme={theme} defaultColorScheme="light">
        <EnvContext value={props.env}>
          <Crash>
            <Screens till={props.till} />
          </Crash>
        </EnvContext>
      </MantineProvider>
    </StrictMode>
  );
}

/** The screens that show the till. */
const PAGES = {
  cashier: CashierPage,
  manager: ManagerPage,
  sync: SyncPage,
  demo: DemoPage,
} as const;

function Screens({ till }: { readonly till: () => TillUse }) {
  const screen = useScreen();
  switch (screen) {
    case 'register':
      return <RegisterPage alone />;
    case 'cashier':
    case 'manager':
    case 'sync':
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
