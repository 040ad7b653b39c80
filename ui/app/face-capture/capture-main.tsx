import '../../kit/styles.ts';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { assert } from '../../../agent/contract/result.ts';
import { browserEnv } from '../../kit/browser-env.ts';
import { EnvContext } from '../../kit/env.ts';
import { setupLanguage } from '../i18n/setup.ts';
import { createTillLink } from '../link.ts';
import { browserEnvironment } from '../link-environment.ts';
import { browserCapture } from './browser-capture.ts';
import { CapturePage } from './capture-page.tsx';
import { browserSimCamera } from './sim/browser-sim-camera.ts';
import { tellShell } from './tell-shell.ts';

setupLanguage(browserEnv.preferences);
const link = createTillLink({ ...browserEnvironment(), page: 'capture' });

const root = document.getElementById('root');
assert(root !== null, 'capture.html has a root');
createRoot(root).render(
  <StrictMode>
    <EnvContext value={browserEnv}>
      <CapturePage
        client={link.client.capture}
        parts={browserCapture}
        onShown={tellShell}
        sim={browserSimCamera}
      />
    </EnvContext>
  </StrictMode>,
);
