import { Button, SegmentedControl, Select, Table, TextInput } from '@mantine/core';
import { useDeferredValue, useState } from 'react';
import { exceptionWords } from '../../../sync/protocol/exception-words.ts';
import {
  EXCEPTIONS_PAGE_MAX,
  type ExceptionCase,
  exceptionCodeSchema,
} from '../../../sync/protocol/exceptions.ts';
import type { HqInput } from '../../../sync/protocol/hq-api.ts';
import { Notice } from '../../kit/notice.tsx';
import { ProblemNotice } from '../../kit/problem-notice.tsx';
import { StatusMark } from '../../kit/status-mark.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import type { Messages } from '../i18n/zh-cn.ts';
import { useFormat } from '../use-format.ts';
import { useHqPoll } from '../use-hq-poll.ts';
import { CaseDialog } from './case-dialog.tsx';
import css from './pages.module.css';

type Asked = HqInput<'listExceptions'>;

/** Cases shown first, and how many more with each press. */
const STEP = 50;
const STATES = ['open', 'settled', 'all'] as const;

/** The case that is looked at, as it stood when it was opened. */
interface Looking {
  readonly shown: ExceptionCase;
  /** Asks for the list that it was opened from once more; does nothing where that list has gone. */
  readonly again: () => void;
}

/** Bookings that need a person: what happened, what to do, and who settled it. */
export function CasesPage() {
  const { t, say } = useLanguage();
  const [state, setState] = useState<Asked['state']>('open');
  const [code, setCode] = useState<string | null>(null);
  const [storeId, setStoreId] = useState('');
  const [tillId, setTillId] = useState('');
  // Held here, not by the list: a list that is asked for anew must not close a dialog, and what was typed in it.
  const [looking, setLooking] = useState<Looking | null>(null);
  const asked = useDeferredValue(
    JSON.stringify({
      state,
      ...(code === null ? {} : { code }),
      ...(storeId.trim() === '' ? {} : { storeId: storeId.trim() }),
      ...(tillId.trim() === '' ? {} : { tillId: tillId.trim() }),
    }),
  );
  return (
    <div className={css['column']}>
      <p className={css['faint']}>{t('cases.about')}</p>
      <div className={css['tools']}>
        <SegmentedControl
          aria-label={t('cases.state')}
          value={state}
          onChange={(value) => setState(value as Asked['state'])}
          data={STATES.map((value) => ({ value, label: t(`cases.${value}`) }))}
        />
        <Select
          className={css['grow'] ?? ''}
          aria-label={t('cases.kind')}
          placeholder={t('cases.everyKind')}
          value={code}
          onChange={setCode}
          clearable
          data={exceptionCodeSchema.options.map((value) => ({
            value,
            label: say(exceptionWords(value).what),
          }))}
        />
        <TextInput
          aria-label={t('cases.store')}
          placeholder={t('cases.store')}
          value={storeId}
          maxLength={64}
          onChange={(event) => setStoreId(event.currentTarget.value)}
        />
        <TextInput
          aria-label={t('cases.till')}
          placeholder={t('cases.till')}
          value={tillId}
          maxLength={64}
          onChange={(event) => setTillId(event.currentTarget.value)}
        />
      </div>
      <Found key={asked} asked={JSON.parse(asked) as Omit<Asked, 'limit'>} onLook={setLooking} />
      {looking === null ? null : (
        <CaseDialog
          shown={looking.shown}
          onClose={() => {
            setLooking(null);
            looking.again();
          }}
        />
      )}
    </div>
  );
}

function Found(props: {
  readonly asked: Omit<Asked, 'limit'>;
  readonly onLook: (looking: Looking) => void;
}) {
  const { asked } = props;
  const { t } = useLanguage();
  const [limit, setLimit] = useState(STEP);
  const { data, problem, again } = useHqPoll((hq) =>
    hq.call('listExceptions', { ...asked, limit }),
  );
  if (data === null)
    return problem === null ? <p>{t('app.loading')}</p> : <ProblemNotice problem={problem} />;
  const isWhole =
    asked.code === undefined && asked.storeId === undefined && asked.tillId === undefined;
  return (
    <>
      {data.cases.length > 0 ? (
        <CaseTable cases={data.cases} onLook={(shown) => props.onLook({ shown, again })} />
      ) : isWhole && asked.state !== 'settled' ? (
        <Notice tone="ok" title={t('cases.none')}>
          {t('cases.noneHint')}
        </Notice>
      ) : (
        <Notice tone="info" title={t('cases.noMatch')} />
      )}
      {data.next === null ? null : limit < EXCEPTIONS_PAGE_MAX ? (
        <div>
          <Button
            variant="default"
            onClick={() => setLimit(Math.min(limit + STEP, EXCEPTIONS_PAGE_MAX))}
          >
            {t('cases.more')}
          </Button>
        </div>
      ) : (
        <p className={css['faint']}>{t('cases.narrow', { count: EXCEPTIONS_PAGE_MAX })}</p>
      )}
    </>
  );
}

function CaseTable(props: {
  readonly cases: readonly ExceptionCase[];
  readonly onLook: (one: ExceptionCase) => void;
}) {
  const { t, say } = useLanguage();
  const format = useFormat();
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: keyboards scroll only what they can reach (WCAG 2.1.1).
    <section className={css['table']} tabIndex={0} aria-label={t('cases.title')}>
      <Table verticalSpacing="sm" highlightOnHover>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('cases.at')}</Table.Th>
            <Table.Th>{t('cases.case')}</Table.Th>
            <Table.Th>{t('cases.where')}</Table.Th>
            <Table.Th>{t('cases.sale')}</Table.Th>
            <Table.Th>{t('cases.state')}</Table.Th>
            <Table.Th>{t('cases.actions')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {props.cases.map((one) => (
            <Table.Tr key={one.id} data-case={one.id}>
              <Table.Td>{format.moment(one.at, 0)}</Table.Td>
              <Table.Td className={css['wrap'] ?? ''}>
                {say(exceptionWords(one.code).what)}
                <span className={css['below']}>{t('cases.number', { id: one.id })}</span>
              </Table.Td>
              <Table.Td>
                {one.storeId ?? '—'}
                <span className={css['below']}>{one.tillId ?? '—'}</span>
              </Table.Td>
              <Table.Td>
                <SaleCell shown={one} />
              </Table.Td>
              <Table.Td>
                <StatusMark tone={one.state === 'open' ? 'warn' : 'ok'}>
                  {t(`cases.${one.state}`)}
                </StatusMark>
              </Table.Td>
              <Table.Td>
                <Button variant="default" px={14} onClick={() => props.onLook(one)}>
                  {t('cases.look')}
                </Button>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </section>
  );
}

function SaleCell({ shown: { entry } }: { readonly shown: ExceptionCase }) {
  const { t } = useLanguage();
  const format = useFormat();
  if (entry === null) return '—';
  return (
    <>
      {t(`sales.kinds.${entry.kind as keyof Messages['sales']['kinds']}`)}{' '}
      {format.money(entry.payableMinor, entry.currency)}
      <span className={`${css['below']} ${css['reference']}`}>
        {entry.returnId ?? entry.saleId}
      </span>
    </>
  );
}
