import { useState } from 'react';
import { ProblemNotice } from '../../kit/problem-notice.tsx';
import { useHotKeys } from '../kit/use-hot-keys.ts';
import { useTask } from '../kit/use-task.ts';
import { RefusedScan } from '../wedge/refused-scan.tsx';
import { useWedge } from '../wedge/use-wedge.ts';
import type { WedgeRefusal } from '../wedge/wedge.ts';
import { ArticleGrid } from './article-grid.tsx';
import css from './counter.module.css';
import { ParkedTickets } from './parked-tickets.tsx';
import { PayDialog } from './pay-dialog.tsx';
import { useRegister } from './register-context.ts';
import { ReturnDialog } from './return-dialog.tsx';
import { ScanNoteLine } from './scan-note.tsx';
import { TicketPanel } from './ticket-panel.tsx';

/**
 * The counter of a paired register.
 * @param ownScanner a keyboard-mode scanner belongs to this page; beside a cashier's screen it belongs to that
 */
export function Counter({ ownScanner }: { readonly ownScanner: boolean }) {
  const { register, view } = useRegister();
  const [layer, setLayer] = useState<'parked' | 'return' | null>(null);
  const pay = useTask(() => register.pay());
  const [refused, setRefused] = useState<WedgeRefusal | null>(null);
  useWedge(
    (text) => {
      setRefused(null);
      void register.scanned(text);
    },
    setRefused,
    ownScanner,
  );
  const close = (): void => setLayer(null);
  useHotKeys({ F12: () => void pay.run(undefined) });
  return (
    <>
      <main className={css['counter']}>
        <ArticleGrid />
        <div className={css['side']}>
          {refused === null ? <ScanNoteLine /> : <RefusedScan refusal={refused} />}
          <ProblemNotice problem={view.problem} />
          <TicketPanel
            paying={pay.busy}
            onPay={() => void pay.run(undefined)}
            onParked={() => setLayer('parked')}
            onReturn={() => setLayer('return')}
          />
        </div>
      </main>
      <PayDialog />
      <ParkedTickets opened={layer === 'parked'} onClose={close} />
      <ReturnDialog opened={layer === 'return'} onClose={close} />
    </>
  );
}
