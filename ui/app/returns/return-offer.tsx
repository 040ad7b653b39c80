import { Button } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import type { EntryReply, ReturnId, ReturnQuote } from '../../../agent/contract/index.ts';
import { useEnv } from '../../kit/env.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { toProblem } from '../kit/problem.ts';
import { useAnswer } from '../kit/use-answer.ts';
import { useTask } from '../kit/use-task.ts';
import { GiftsDue } from './gifts-due.tsx';
import { QuoteFigures } from './quote-figures.tsx';
import { QuoteLosses } from './quote-losses.tsx';
import {
  type ReturnAttempt,
  type ReturnChoice,
  toQuoteRequest,
  toReturnRequest,
  withGift,
} from './return-choice.ts';
import { useReturnDesk } from './return-desk.ts';
import css from './return-flow.module.css';
import type { StartExchange } from './return-flow.tsx';
import { ReturnProblem } from './return-problem.tsx';

/** What the return pays and takes, said before it is booked; then booked, or taken into an exchange. */
export function ReturnOffer(props: {
  readonly choice: ReturnChoice;
  readonly onChoice: (choice: ReturnChoice) => void;
  readonly onBack: () => void;
  readonly onBooked: (reply: EntryReply, quote: ReturnQuote) => void;
  readonly onExchange?: StartExchange | undefined;
}) {
  const { t } = useLanguage();
  const { desk, format } = useReturnDesk();
  const attemptOf = useAttempts();
  const [round, setRound] = useState(0);
  const { choice } = props;
  const wanted = toQuoteRequest(choice);
  const key = JSON.stringify(wanted);
  const answer = useAnswer(`${round}\n${key}`, () => desk.quote(wanted));
  const { value: quote, problem, latest: shown } = answer;
  const book = useTask(async (told: ReturnQuote) => {
    const request = toReturnRequest(choice, attemptOf(key), told.quoteHash);
    try {
      props.onBooked(await desk.takeBack(request), told);
    } catch (error) {
      // What it pays was worked out before something else happened to the sale.
      if (toProblem(error).code === 'return-quote-differs') setRound((before) => before + 1);
      throw error;
    }
  });
  const { onExchange } = props;
  const exchange =
    onExchange === undefined
      ? undefined
      : (told: ReturnQuote) =>
          onExchange(toReturnRequest(choice, attemptOf(key), told.quoteHash), told);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (quote !== null) void book.run(quote);
  };
  return (
    <form className={css['stack']} onSubmit={submit}>
      {problem !== null ? (
        <ReturnProblem problem={problem} />
      ) : shown === null ? (
        <p role="status">{t('returns.quoting')}</p>
      ) : (
        <>
          <QuoteFigures quote={shown} />
          <QuoteLosses quote={shown} />
          <GiftsDue
            quote={shown}
            brought={choice.gifts}
            onBrought={(sku, pieces) => props.onChoice(withGift(choice, sku, pieces))}
          />
        </>
      )}
      <ReturnProblem problem={book.problem} />
      <div className={css['actions']}>
        <Button variant="default" onClick={props.onBack}>
          {t('returns.back')}
        </Button>
        {exchange === undefined ? null : (
          <Button
            variant="default"
            disabled={quote === null || book.busy}
            onClick={() => quote !== null && exchange(quote)}
          >
            {t('returns.exchange')}
          </Button>
        )}
        {problem !== null || book.problem !== null ? (
          <Button
            variant="default"
            onClick={() => {
              book.clear();
              setRound(round + 1);
            }}
          >
            {t('returns.again')}
          </Button>
        ) : null}
        <Button type="submit" loading={book.busy} disabled={quote === null} data-autofocus>
          {quote === null || quote.refundMinor === 0
            ? t('returns.confirmNone')
            : t('returns.confirm', { amount: format.money(quote.refundMinor, quote.currency) })}
        </Button>
      </div>
    </form>
  );
}

/** One id and one reference for each thing that is asked for: asked again, it is the same return. */
function useAttempts(): (key: string) => ReturnAttempt {
  const { newId, now } = useEnv();
  const [attempts] = useState(() => new Map<string, ReturnAttempt>());
  return (key) => {
    const known = attempts.get(key);
    if (known !== undefined) return known;
    const fresh: ReturnAttempt = {
      returnId: newId() as ReturnId,
      referenceId: `RET-${now().toString(36).toUpperCase()}`,
    };
    attempts.set(key, fresh);
    return fresh;
  };
}
