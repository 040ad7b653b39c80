import { MantineProvider } from '@mantine/core';
import { StrictMode } from 'react';
import type { Text } from '../../agent/contract/text.ts';
import { Crash } from '../kit/crash.tsx';
import { type Env, EnvContext } from '../kit/env.ts';
import { theme } from '../kit/theme.ts';
import { Frame } from './frame.tsx';
import { HqContext, useSignedIn } from './hq-context.ts';
import type { HqLink } from './hq-link.ts';
import { SignIn } from './sign-in.tsx';

/** The console of headquarters. */
export function App({ env, link }: { readonly env: Env; readonly link: HqLink }) {
  return (
    <StrictMode>
      <MantineProvider theme={theme} defaultColorScheme="light">
        <EnvContext value={env}>
          <HqContext value={link}>
            <Crash hint={UNHARMED}>
              <Door />
            </Crash>
          </HqContext>
        </EnvContext>
      </MantineProvider>
    </StrictMode>
  );
}

/** What a broken page leaves alone, and what to do. */
const UNHARMED: Text = {
  'zh-CN': '收银台不受影响。请重新加载；若再次出现，请联系技术支持。',
  en: 'Tills are not affected. Load it again; call support if it happens again.',
};

function Door() {
  return useSignedIn() ? <Frame /> : <SignIn />;
}
