import type { StaffId } from '../../../agent/contract/index.ts';
import { CashierPage } from '../cashier/cashier-page.tsx';
import { useTill } from '../cashier/till-context.ts';
import { RegisterPage } from '../register/register-page.tsx';
import css from './demo-page.module.css';
import { useDemoPage } from './use-demo-page.ts';

/** Cashier and demo register side by side: two programs that meet only at the till. */
export function DemoPage() {
  const pairingCode = usePairingCode();
  return (
    <div className={css['both']}>
      <div className={css['half']}>
        <CashierPage />
      </div>
      <aside className={css['half']}>
        <RegisterPage alone={false} pairingCode={pairingCode} />
      </aside>
    </div>
  );
}

/** Opens pairing as the demo's manager would, so that a visitor need not: their PIN is printed at start anyway. */
function usePairingCode(): (() => Promise<string>) | undefined {
  const { link } = useTill();
  const manager = useDemoPage()?.staff.find(({ role }) => role === 'manager');
  if (manager === undefined) return undefined;
  const { staffId, pin } = manager;
  return async () => {
    const window = await link.client.screen.clients.openPairing({
      managerId: staffId as StaffId,
      pin,
    });
    return window.code;
  };
}
