import { useEffect, useState } from 'react';
import { LanguageSwitch, ThemeSwitch } from '../../kit/display.tsx';
import { useEnv } from '../../kit/env.ts';
import { useTill } from '../cashier/till-context.ts';
import { useFormat } from '../cashier/use-format.ts';
import { useLinkState } from '../cashier/use-link-state.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { useNames } from '../i18n/use-names.ts';
import { useScans } from '../wedge/use-scans.ts';
import { useWedge } from '../wedge/use-wedge.ts';
import { CustomerBasket } from './customer-basket.tsx';
import css from './customer-page.module.css';
import { type CustomerScene, customerScene, type Shopper } from './customer-scene.ts';
import { CustomerThanks } from './customer-thanks.tsx';
import { CustomerFace } from './face/customer-face.tsx';

/** How often the page looks whether what it shows is over. */
const LOOK_MS = 1_000;

/** The second screen 顾客屏: what the shopper gets and pays, in plain words and large type. */
export function CustomerPage() {
  const { say } = useLanguage();
  const { link, view } = useTill();
  const { phase } = useLinkState(link);
  const nowMs = useSeconds();
  const scene = customerScene(view, phase === 'open', nowMs);
  // A touch on this window takes the keyboard with it, and a keyboard-mode scanner types into whatever has it.
  const scan = useScans((text) => link.client.screen.devices.wedge({ text }));
  useWedge(
    (text) => void scan.run(text),
    () => undefined,
  );
  return (
    <div className={css['page']}>
      <header className={css['head']}>
        <img src="/mark.svg" alt="" width={36} height={36} />
        <h1 className={css['store']}>
          {view.status === null ? 'Tillside' : say(view.status.storeName)}
        </h1>
        {'shopper' in scene && scene.shopper !== undefined && scene.kind === 'basket' ? (
          <Greeting shopper={scene.shopper} />
        ) : null}
        <div className={css['tools']}>
          <LanguageSwitch />
          <ThemeSwitch />
        </div>
      </header>
      <div className={css['body']}>
        <main className={css['main']} data-scene={scene.kind}>
          <Shown scene={scene} />
        </main>
        {scene.kind === 'wait' ? null : <CustomerFace nowMs={nowMs} />}
      </div>
    </div>
  );
}

function Shown({ scene }: { readonly scene: CustomerScene }) {
  const { t } = useLanguage();
  switch (scene.kind) {
    case 'wait':
      return <Words title={t('customer.wait')} hint={t('customer.waitHint')} />;
    case 'welcome':
      return <Words title={t('customer.welcome')} hint={t('customer.welcomeHint')} />;
    case 'member':
      return <Hello shopper={scene.shopper} />;
    case 'basket':
      return <CustomerBasket sale={scene.sale} isGuest={scene.shopper === undefined} />;
    case 'thanks':
      return <CustomerThanks sale={scene.sale} shopper={scene.shopper} />;
  }
}

function Words({ title, hint }: { readonly title: string; readonly hint: string }) {
  return (
    <div className={css['words']}>
      <p className={css['large']}>{title}</p>
      <p className={css['hint']}>{hint}</p>
    </div>
  );
}

function Hello({ shopper }: { readonly shopper: Shopper }) {
  const { t } = useLanguage();
  const names = useNames();
  const points = usePoints();
  return (
    <div className={css['words']}>
      <p className={css['large']}>{t('customer.hello', { name: shopper.maskedName })}</p>
      <p className={css['tier']}>{names.tier(shopper.tier)}</p>
      <p className={css['hint']}>{points(shopper)}</p>
    </div>
  );
}

/** Who is being served, small, beside the basket. */
function Greeting({ shopper }: { readonly shopper: Shopper }) {
  const { t } = useLanguage();
  const names = useNames();
  const points = usePoints();
  return (
    <p className={css['greeting']} data-testid="greeting">
      <strong>{t('customer.hello', { name: shopper.maskedName })}</strong>
      <span>
        {names.tier(shopper.tier)} · {points(shopper)}
      </span>
    </p>
  );
}

function usePoints(): (shopper: Shopper) => string {
  const { t } = useLanguage();
  const format = useFormat();
  return ({ points }) =>
    t(points < 0 ? 'customer.owes' : 'customer.points', {
      number: format.number(Math.abs(points)),
    });
}

/** The time, looked at often enough for what ends by itself. */
function useSeconds(): number {
  const { now } = useEnv();
  const [atMs, setAtMs] = useState(now);
  useEffect(() => {
    const timer = setInterval(() => setAtMs(now()), LOOK_MS);
    return () => clearInterval(timer);
  }, [now]);
  return atMs;
}
