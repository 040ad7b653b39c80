import { Button, Modal, NumberInput, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import type { LineId, ReturnId } from '../../../agent/contract/index.ts';
import { useEnv } from '../../kit/env.ts';
import { Notice } from '../../kit/notice.tsx';
import { ProblemNotice } from '../../kit/problem-notice.tsx';
import dialog from '../cashier/dialog.module.css';
import list from '../cashier/drawer-list.module.css';
import { useLanguage } from '../i18n/use-language.ts';
import { useTask } from '../kit/use-task.ts';
import { useRegister } from './register-context.ts';
import type { DoneSale } from './register-view.ts';

/** Takes goods of a sale of this page back: which sale, which lines, why. */
export function ReturnDialog(props: { readonly opened: boolean; readonly onClose: () => void }) {
  const { t } = useLanguage();
  return (
    <Modal
      opened={props.opened}
      onClose={props.onClose}
      title={t('register.returnTitle')}
      size={560}
      closeButtonProps={{ 'aria-label': t('app.close') }}
    >
      <Choice />
    </Modal>
  );
}

function Choice() {
  const { t } = useLanguage();
  const { view, format } = useRegister();
  const { now } = useEnv();
  const [saleId, setSaleId] = useState<string | null>(null);
  const sale = view.done.find(({ reply }) => reply.saleId === saleId);
  if (view.done.length === 0) return <p className={list['empty']}>{t('register.returnNone')}</p>;
  if (sale !== undefined) return <Form sale={sale} />;
  return (
    <ul className={list['list']} aria-label={t('register.returnChoose')}>
      {view.done.map(({ reply, lines }) => (
        <li key={reply.saleId} className={list['row']}>
          <div className={list['words']}>
            <p className={list['name']}>
              {t('register.saleAt', {
                time: format.moment(reply.at, now()),
                amount: format.price(reply.payableMinor),
              })}
            </p>
            <p className={list['facts']}>
              {t('sale.items', { count: lines.reduce((sum, { qty }) => sum + qty, 0) })}
            </p>
          </div>
          <Button variant="default" onClick={() => setSaleId(reply.saleId)}>
            {t('register.return')}
          </Button>
        </li>
      ))}
    </ul>
  );
}

function Form({ sale }: { readonly sale: DoneSale }) {
  const { t, say } = useLanguage();
  const { register, format } = useRegister();
  const { newId } = useEnv();
  const [returnId, setReturnId] = useState(() => newId() as ReturnId);
  const [chosen, setChosen] = useState<ReadonlyMap<LineId, number>>(new Map());
  const [reason, setReason] = useState('');
  const [refundMinor, setRefundMinor] = useState<number | null>(null);
  const lines = [...chosen].filter(([, qty]) => qty > 0).map(([lineId, qty]) => ({ lineId, qty }));
  const takeBack = useTask(async () => {
    setRefundMinor(await register.takeBack(returnId, sale.reply.saleId, lines, reason.trim()));
    setReturnId(newId() as ReturnId);
    setChosen(new Map());
  });
  const left = (lineId: LineId, qty: number): number => qty - (sale.returned.get(lineId) ?? 0);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (lines.length > 0 && reason.trim() !== '') void takeBack.run(undefined);
  };
  return (
    <form className={dialog['stack']} onSubmit={submit}>
      {refundMinor === null ? null : (
        <Notice tone="ok" title={t('register.returnDone', { amount: format.price(refundMinor) })} />
      )}
      <ul className={list['list']}>
        {sale.lines.map(({ lineId, article, qty }) => (
          <li key={lineId} className={list['row']}>
            <div className={list['words']}>
              <p className={list['name']}>{say(article.name)}</p>
              <p className={list['facts']}>
                {left(lineId, qty) === 0
                  ? t('register.returnAll')
                  : t('register.left', { number: left(lineId, qty) })}
              </p>
            </div>
            <NumberInput
              w={96}
              aria-label={`${t('sale.qty')}: ${say(article.name)}`}
              value={chosen.get(lineId) ?? 0}
              onChange={(value) => {
                setChosen(new Map(chosen).set(lineId, typeof value === 'number' ? value : 0));
                // Another choice is another return; only the repetition of the same one keeps its id.
                setReturnId(newId() as ReturnId);
              }}
              min={0}
              max={left(lineId, qty)}
              allowDecimal={false}
              allowNegative={false}
              disabled={left(lineId, qty) === 0}
            />
          </li>
        ))}
      </ul>
      <TextInput
        label={t('register.returnReason')}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
        maxLength={200}
        required
      />
      <ProblemNotice problem={takeBack.problem} />
      <Button
        type="submit"
        loading={takeBack.busy}
        disabled={lines.length === 0 || reason.trim() === ''}
      >
        {t('register.returnDo')}
      </Button>
    </form>
  );
}
