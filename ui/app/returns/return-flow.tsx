import { Button } from '@mantine/core';
import { useState } from 'react';
import type { EntryReply, ReturnQuote, ReturnRequest } from '../../../agent/contract/index.ts';
import { Notice } from '../../kit/notice.tsx';
import { Receipt } from '../cashier/receipt.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import { emptyChoice, type ReturnChoice } from './return-choice.ts';
import { useReturnDesk } from './return-desk.ts';
import css from './return-flow.module.css';
import { ReturnOffer } from './return-offer.tsx';
import { SaleFinder } from './sale-finder.tsx';
import { UnitChooser } from './unit-chooser.tsx';

/** How far a return is. */
type Stage =
  | { readonly at: 'find' }
  | { readonly at: 'choose'; readonly choice: ReturnChoice }
  | { readonly at: 'offer'; readonly choice: ReturnChoice }
  | { readonly at: 'done'; readonly reply: EntryReply; readonly currency: string };

/** Goods that come back in exchange: the return as it was offered, booked with the next sale. */
export type StartExchange = (request: ReturnRequest, quote: ReturnQuote) => void;

/**
 * A return from the sale to the receipt: which sale, which goods and why, what that pays and takes, then booked.
 * @param onExchange absent = this screen cannot sell
 */
export function ReturnFlow(props: {
  readonly onClose: () => void;
  readonly onExchange?: StartExchange | undefined;
}) {
  const [stage, setStage] = useState<Stage>({ at: 'find' });
  switch (stage.at) {
    case 'find':
      return (
        <SaleFinder
          onFound={(sale, by) => setStage({ at: 'choose', choice: emptyChoice(sale, by) })}
        />
      );
    case 'choose':
      return (
        <UnitChooser
          choice={stage.choice}
          onChoice={(choice) => setStage({ at: 'choose', choice })}
          onBack={() => setStage({ at: 'find' })}
          onReady={() => setStage({ at: 'offer', choice: stage.choice })}
        />
      );
    case 'offer':
      return (
        <ReturnOffer
          choice={stage.choice}
          onChoice={(choice) => setStage({ at: 'offer', choice })}
          onBack={() => setStage({ at: 'choose', choice: stage.choice })}
          onBooked={(reply, { currency }) => setStage({ at: 'done', reply, currency })}
          onExchange={props.onExchange}
        />
      );
    case 'done':
      return (
        <Done
          reply={stage.reply}
          currency={stage.currency}
          onAnother={() => setStage({ at: 'find' })}
          onClose={props.onClose}
        />
      );
  }
}

function Done(props: {
  readonly reply: EntryReply;
  readonly currency: string;
  readonly onAnother: () => void;
  readonly onClose: () => void;
}) {
  const { t } = useLanguage();
  const { format } = useReturnDesk();
  const refund = format.money(Math.abs(props.reply.payableMinor), props.currency);
  return (
    <div className={css['stack']}>
      <Notice tone="ok" title={t('returns.done', { amount: refund })} />
      <Receipt receipt={props.reply} />
      <div className={css['actions']}>
        <Button variant="default" onClick={props.onAnother}>
          {t('returns.another')}
        </Button>
        <Button onClick={props.onClose} data-autofocus>
          {t('returns.finish')}
        </Button>
      </div>
    </div>
  );
}
