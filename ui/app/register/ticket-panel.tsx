import { ActionIcon, Button, NumberInput, TextInput } from '@mantine/core';
import { IconMinus, IconPlus, IconTrash, IconX } from '@tabler/icons-react';
import { type FormEvent, useState } from 'react';
import { KeyButton } from '../../kit/key-button.tsx';
import { Panel } from '../../kit/panel.tsx';
import { StatusMark } from '../../kit/status-mark.tsx';
import { Receipt } from '../cashier/receipt.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import { useNames } from '../i18n/use-names.ts';
import { ExchangeNote } from './exchange-note.tsx';
import { useRegister } from './register-context.ts';
import { type TicketLine, unitPriceMinor } from './ticket.ts';
import css from './ticket-panel.module.css';

/** The basket as this register has it, its figures, and what can be done with it. */
export function TicketPanel(props: {
  readonly paying: boolean;
  readonly onPay: () => void;
  readonly onParked: () => void;
  readonly onReturn: () => void;
}) {
  const { t } = useLanguage();
  const { register, view } = useRegister();
  const { ticket, reply, outdated, receipt, exchanged, parked } = view;
  const ready = reply !== null && !outdated && receipt === null;
  return (
    <Panel
      title={receipt === null ? t('register.ticket') : t('register.done')}
      fill
      aside={
        <StatusMark tone={view.live ? 'ok' : 'warn'}>
          {view.live ? t('register.live') : t('register.notLive')}
        </StatusMark>
      }
      foot={
        <div className={css['foot']}>
          <ExchangeNote />
          {receipt === null ? <Extras /> : null}
          {receipt === null ? <Totals /> : null}
          <div className={css['actions']}>
            <Button
              variant="default"
              px={4}
              disabled={ticket.lines.length === 0 || receipt !== null}
              onClick={register.park}
            >
              {t('register.park')}
            </Button>
            <Button variant="default" px={4} onClick={props.onParked}>
              {t('register.resume')}
              {parked.length > 0 ? ` ${parked.length}` : ''}
            </Button>
            <Button variant="default" px={4} onClick={props.onReturn}>
              {t('register.return')}
            </Button>
            {receipt === null ? (
              <KeyButton
                keyName="F12"
                size="lg"
                disabled={!ready}
                loading={props.paying}
                onClick={props.onPay}
                className={css['pay'] ?? ''}
              >
                {outdated ? t('register.evaluating') : t('register.pay')}
              </KeyButton>
            ) : (
              <Button size="lg" onClick={register.next} className={css['pay'] ?? ''}>
                {t('register.next')}
              </Button>
            )}
          </div>
        </div>
      }
    >
      {receipt !== null ? (
        <>
          {exchanged === null ? null : <Receipt receipt={exchanged.return} />}
          <Receipt receipt={receipt} />
        </>
      ) : ticket.lines.length === 0 ? (
        <p className={css['empty']}>{t('register.empty')}</p>
      ) : (
        <ol>
          {ticket.lines.map((line) => (
            <Line key={line.lineId} line={line} />
          ))}
        </ol>
      )}
    </Panel>
  );
}

function Line({ line }: { readonly line: TicketLine }) {
  const { t, say } = useLanguage();
  const { register, view, format } = useRegister();
  const figures = view.reply?.evaluation.lines.find(({ lineId }) => lineId === line.lineId);
  const current =
    figures !== undefined && !view.outdated && figures.qty === line.qty ? figures : undefined;
  const unitMinor = unitPriceMinor(line);
  const listMinor = unitMinor * line.qty;
  const grams = line.piece?.netGrams;
  const name = say(line.article.name);
  return (
    <li className={css['line']}>
      <span className={css['name']}>
        {name}
        <span className={css['unit']}>
          {grams === undefined ? '' : `${t('register.grams', { grams: format.number(grams) })} · `}
          {format.price(unitMinor)}
        </span>
      </span>
      <span className={css['qty']}>
        <ActionIcon
          variant="default"
          onClick={() => register.quantity(line.lineId, line.qty - 1)}
          aria-label={`${line.qty === 1 ? t('register.remove') : t('register.less')}: ${name}`}
        >
          {line.qty === 1 ? <IconTrash size={20} /> : <IconMinus size={20} />}
        </ActionIcon>
        <output aria-label={t('sale.qty')}>{line.qty}</output>
        <ActionIcon
          variant="default"
          onClick={() => register.quantity(line.lineId, line.qty + 1)}
          aria-label={`${t('register.more')}: ${name}`}
        >
          <IconPlus size={20} />
        </ActionIcon>
      </span>
      <span className={css['amount']}>
        {current !== undefined && current.discountMinor > 0 ? (
          <s>{format.price(listMinor)}</s>
        ) : null}
        <span>{format.price(current?.payableMinor ?? listMinor)}</span>
      </span>
    </li>
  );
}

function Extras() {
  const { t } = useLanguage();
  const { register, view, format } = useRegister();
  const { ticket, reply } = view;
  const [code, setCode] = useState('');
  const points = reply?.member?.points;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    register.coupon(code.trim());
    setCode('');
  };
  return (
    <div className={css['extras']}>
      <form className={css['entry']} onSubmit={submit}>
        <TextInput
          aria-label={t('register.coupon')}
          placeholder={t('register.coupon')}
          value={code}
          onChange={(event) => setCode(event.currentTarget.value)}
          autoComplete="off"
          maxLength={64}
        />
        <Button type="submit" variant="default" px={12} disabled={code.trim() === ''}>
          {t('register.couponAdd')}
        </Button>
      </form>
      <NumberInput
        aria-label={t('register.points')}
        placeholder={
          points === undefined
            ? t('register.points')
            : `${t('register.points')} · ${t('register.memberPoints', { number: format.number(points) })}`
        }
        value={ticket.pointsToSpend === 0 ? '' : ticket.pointsToSpend}
        onChange={(value) => register.points(typeof value === 'number' ? value : 0)}
        min={0}
        max={1_000_000_000}
        allowDecimal={false}
        allowNegative={false}
        hideControls
        disabled={ticket.lines.length === 0}
      />
      {ticket.codes.length === 0 ? null : (
        <ul className={css['codes']}>
          {ticket.codes.map((each) => (
            <li key={each}>
              <Button
                variant="light"
                rightSection={<IconX size={18} />}
                aria-label={t('register.couponRemove', { code: each })}
                onClick={() => register.dropCoupon(each)}
              >
                {each}
              </Button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function Totals() {
  const { t } = useLanguage();
  const names = useNames();
  const { view, format } = useRegister();
  const { ticket, reply, outdated, exchange } = view;
  const listMinor = ticket.lines.reduce((sum, line) => sum + unitPriceMinor(line) * line.qty, 0);
  const evaluation = outdated ? undefined : reply?.evaluation;
  const member = reply?.member;
  const dueMinor = evaluation?.payableMinor ?? listMinor;
  const netMinor = dueMinor - (exchange?.refundMinor ?? 0);
  return (
    <dl className={css['totals']}>
      <div className={css['who']}>
        <dt>
          {member === undefined
            ? t('register.guest')
            : `${member.maskedName} · ${names.tier(member.tier)}`}
        </dt>
        <dd>
          {evaluation !== undefined && evaluation.discountMinor > 0
            ? `${t('register.savings')} ${format.price(evaluation.discountMinor)}`
            : ''}
        </dd>
      </div>
      <div className={css['due']}>
        <dt>{t('register.payDue')}</dt>
        <dd data-testid="register-due">{format.price(dueMinor)}</dd>
      </div>
      {exchange === null ? null : (
        <div className={css['due']}>
          <dt>{t(netMinor < 0 ? 'returns.netBack' : 'returns.netDue')}</dt>
          <dd data-testid="register-net">{format.price(Math.abs(netMinor))}</dd>
        </div>
      )}
    </dl>
  );
}
