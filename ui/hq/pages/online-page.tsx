import { Button, SegmentedControl, TextInput } from '@mantine/core';
import { useState } from 'react';
import { memberIdSchema } from '../../../agent/contract/ids.ts';
import { MONEY_MAX_MINOR, minorDigits } from '../../../agent/contract/money.ts';
import type { OnlineReply } from '../../../sync/protocol/online.ts';
import { useEnv } from '../../kit/env.ts';
import { readMoney, readWhole } from '../../kit/format.ts';
import { Notice } from '../../kit/notice.tsx';
import { Panel } from '../../kit/panel.tsx';
import { ProblemNotice } from '../../kit/problem-notice.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import { useTiers } from '../i18n/use-tiers.ts';
import { useOverview } from '../overview-context.ts';
import { useFormat } from '../use-format.ts';
import { type Found, MemberSearch } from './member-search.tsx';
import css from './pages.module.css';
import { useCall } from './use-call.ts';

type Kind = 'purchase' | 'return' | 'points';

interface Form {
  readonly kind: Kind;
  readonly orderId: string;
  readonly amount: string;
  readonly points: string;
  readonly reason: string;
}

/** Books what a web shop would book, through the same interface and in the currency of the chain. */
export function OnlinePage() {
  const { t } = useLanguage();
  const overview = useOverview();
  return overview === null ? <p>{t('app.loading')}</p> : <OrderForm currency={overview.currency} />;
}

function OrderForm({ currency }: { readonly currency: string }) {
  const { t } = useLanguage();
  const format = useFormat();
  const { newId } = useEnv();
  const [member, setMember] = useState<Found | null>(null);
  const [form, setForm] = useState<Form>(() => emptyForm(newId()));
  // One key for one order: pressed again after a lost answer, HQ repeats its answer and books nothing twice.
  const [key, setKey] = useState(newId);
  const calls = {
    purchase: useCall('bookPurchase'),
    return: useCall('bookReturn'),
    points: useCall('changePoints'),
  };
  const call = calls[form.kind];
  const change = (part: Partial<Form>): void => {
    setForm({ ...form, ...part });
    // Another order is another booking.
    setKey(newId());
    for (const each of Object.values(calls)) each.clear();
  };
  const choose = (found: Found): void => {
    setMember(found);
    change({});
  };
  const amountMinor = readMoney(form.amount, currency);
  const points = readWhole(form.points);
  const pointsFit = points !== null && (form.kind === 'points' ? points !== 0 : points >= 0);
  const memberId = memberIdSchema.safeParse(member?.memberId);
  const ready =
    form.kind === 'points'
      ? memberId.success && pointsFit && form.reason.trim() !== ''
      : form.orderId.trim() !== '' &&
        amountMinor !== null &&
        (form.kind === 'return' || (memberId.success && (form.points === '' || pointsFit)));

  function expectAmount(): string {
    const digits = minorDigits(currency);
    const plain = (minor: number): string => (minor / 10 ** digits).toFixed(digits);
    return t(digits === 0 ? 'online.expectWholeAmount' : 'online.expectAmount', {
      least: plain(1),
      most: plain(MONEY_MAX_MINOR),
      digits,
    });
  }

  function book(): void {
    const orderId = form.orderId.trim();
    if (form.kind === 'return' && amountMinor !== null) {
      void calls.return.run({ orderId, amountMinor }, key);
    } else if (form.kind === 'purchase' && memberId.success && amountMinor !== null) {
      void calls.purchase.run(
        {
          memberId: memberId.data,
          orderId,
          amountMinor,
          currency,
          pointsSpent: points ?? 0,
        },
        key,
      );
    } else if (form.kind === 'points' && memberId.success && points !== null) {
      void calls.points.run({ memberId: memberId.data, points, reason: form.reason.trim() }, key);
    }
  }

  return (
    <div className={css['halves']}>
      <MemberSearch chosen={member} onChoose={choose} booked={call.reply?.seq ?? null} />
      <Panel title={t('online.title')}>
        <form
          className={css['column']}
          onSubmit={(event) => {
            event.preventDefault();
            if (ready) book();
          }}
        >
          <p className={css['faint']}>{t('online.intro')}</p>
          <SegmentedControl
            value={form.kind}
            onChange={(kind) => change({ kind: kind as Kind })}
            data={(['purchase', 'return', 'points'] as const).map((value) => ({
              value,
              label: t(`online.${value}`),
            }))}
          />
          {form.kind === 'return' ? null : member === null ? (
            <Notice tone="info" title={t('online.pick')} />
          ) : (
            <Notice tone="ok" title={`${member.maskedName} · ${member.memberId}`} />
          )}
          {form.kind === 'points' ? null : (
            <div className={css['pair']}>
              <TextInput
                label={t('online.orderId')}
                value={form.orderId}
                maxLength={64}
                onChange={(event) => change({ orderId: event.currentTarget.value })}
              />
              <TextInput
                label={t('online.amount', { currency: format.currencyName(currency) })}
                inputMode="decimal"
                value={form.amount}
                error={form.amount !== '' && amountMinor === null ? expectAmount() : null}
                onChange={(event) => change({ amount: event.currentTarget.value })}
              />
            </div>
          )}
          {form.kind === 'return' ? null : (
            <TextInput
              label={form.kind === 'points' ? t('online.change') : t('online.spend')}
              inputMode="numeric"
              value={form.points}
              error={
                form.points !== '' && !pointsFit
                  ? t(form.kind === 'points' ? 'online.expectChange' : 'online.expectSpend')
                  : null
              }
              onChange={(event) => change({ points: event.currentTarget.value })}
            />
          )}
          {form.kind === 'points' ? (
            <TextInput
              label={t('online.reason')}
              value={form.reason}
              maxLength={200}
              onChange={(event) => change({ reason: event.currentTarget.value })}
            />
          ) : null}
          {call.unknown ? (
            <Notice tone="warn" title={t('online.lost')} />
          ) : (
            <ProblemNotice problem={call.problem} />
          )}
          {call.reply === null ? (
            <Button type="submit" loading={call.busy} disabled={!ready}>
              {t('online.book')}
            </Button>
          ) : (
            <>
              <Booked reply={call.reply} currency={currency} />
              <Button
                variant="default"
                onClick={() => change({ ...emptyForm(newId()), kind: form.kind })}
              >
                {t('online.another')}
              </Button>
            </>
          )}
        </form>
      </Panel>
    </div>
  );
}

function Booked({ reply, currency }: { readonly reply: OnlineReply; readonly currency: string }) {
  const { t } = useLanguage();
  const { memberTier } = useTiers();
  const format = useFormat();
  return (
    <Notice tone="ok" title={t('online.done')}>
      <dl className={css['facts']}>
        <dt>{t('online.changed')}</dt>
        <dd>{format.number(reply.pointsChange)}</dd>
        <dt>{t('online.balance')}</dt>
        <dd>{format.number(reply.pointsBalance)}</dd>
        <dt>{t('online.tier')}</dt>
        <dd>{memberTier(reply.tier)}</dd>
        <dt>{t('online.yearSpend')}</dt>
        <dd>{format.money(reply.yearSpendMinor, currency)}</dd>
      </dl>
      <p className={css['faint']}>{t('online.seq', { seq: reply.seq })}</p>
    </Notice>
  );
}

function emptyForm(id: string): Form {
  return {
    kind: 'purchase',
    orderId: `web-${id.slice(0, 8)}`,
    amount: '100',
    points: '',
    reason: '',
  };
}
