import { CashierPage } from '../cashier/cashier-page.tsx';
import { RegisterPage } from '../register/register-page.tsx';
import css from './demo-page.module.css';

/** Cashier and demo register side by side: two programs that meet only at the till. */
export function DemoPage() {
  return (
    <div className={css['both']}>
      <div className={css['half']}>
        <CashierPage />
      </div>
      <aside className={css['half']}>
        <RegisterPage alone={false} />
      </aside>
    </div>
  );
}
