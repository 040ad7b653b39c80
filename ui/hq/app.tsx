import { MantineProvider } from '@mantine/core';
import { StrictMode } from 'react';
import { theme } from '../kit/theme.ts';
import { Frame } from './frame.tsx';
import { HqContext, useSignedIn } from './hq-context.ts';
import type { HqLink } from './hq-link.ts';
import { Crash } from './kit/crash.tsx';
import { type Env, EnvContext } from './kit/env.ts';
import { SignIn } from './sign-in.tsx';

/** The console of headquarters. */
export function App({ env, link }: { readonly env: Env; readonly link: HqLink }) {
  return (
    <StrictMode>
      <MantineProvider theme={theme} defaultColorScheme="light">
        <EnvContext value={env}>
          <HqContext value={link}>
            <Crash>
              <Door />
            </Crash>
          </HqContext>
        </EnvContext>
      </MantineProvider>
    </StrictMode>
  );
}

function Door() {
  return useSignedIn() ? <Frame /> : <SignIn />;
}
