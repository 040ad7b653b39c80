import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { createKeptRules, createReplay, type Replay, type SaleReplay } from '../../app/replay.ts';
import {
  isInOrder,
  type ReplayReport,
  type ReplaySelection,
  replayAll,
  salesOf,
} from '../../app/replay-ledger.ts';
import { daySchema, type EntryHeader, err, ok, type Result, text } from '../../contract/index.ts';
import { createLedgerCrypto } from '../../store/ledger-crypto.ts';
import { POINTER_FILE } from '../../store/pointer.ts';
import type { Store } from '../../store/store.ts';
import { openLocked, type StartError } from '../open-locked.ts';
import { systemRandom } from '../system.ts';
import { both, complain, EXIT, print, withDataOption, withJsonOption } from './io.ts';
import { evaluationText } from './rules-try-text.ts';

interface ReplayOptions {
  readonly all?: boolean;
  readonly from?: string;
  readonly to?: string;
  readonly data: string;
  readonly keyFile?: string;
  readonly json?: boolean;
}

/** `till replay SALE`: evaluates sales again from what their entries sealed and says whether they come out the same. */
export function registerReplay(program: Command): void {
  const command = program
    .command('replay')
    .argument('[sale]', 'id of a sale, or the seq of its entry')
    .description(
      'evaluate sales again from what the ledger keeps and compare bit for bit; the till must not be running',
    )
    .option('--all', 'every sale of the ledger')
    .option('--from <day>', 'sales from this business day on (YYYY-MM-DD)')
    .option('--to <day>', 'sales up to this business day');
  withJsonOption(withDataOption(command)).action(replay);
}

function replay(sale: string | undefined, options: ReplayOptions): void {
  const { data, keyFile, json } = options;
  const selection = selectionOf(sale, options);
  if (!selection.ok) return complain(json, selection.error);
  // Looking must not make a till where there is none.
  if (!existsSync(join(data, POINTER_FILE))) return complain(json, noTill(data));
  const opened = openLocked(data, keyFile, undefined);
  if (!opened.ok) {
    const inUse = opened.error.code === 'folder-in-use';
    return complain(json, inUse ? { ...opened.error, remedy: STOP_IT } : opened.error);
  }
  const { store, lock } = opened.value;
  try {
    const run = createReplay({
      store,
      crypto: createLedgerCrypto(systemRandom),
      rulesOf: createKeptRules(store.documents),
    });
    if (sale === undefined) report(replayAll(salesOf(store.ledger, selection.value), run), json);
    else reportOne(store, selection.value, sale, run, json);
  } finally {
    store.close();
    lock.release();
  }
}

const STOP_IT = text(
  '先停止收银台：till stop；运行中的收银台请用 GET /v1/evaluations/{id}/why 查询',
  'Stop the till first: till stop; a till that runs is asked with GET /v1/evaluations/{id}/why',
);

function selectionOf(
  sale: string | undefined,
  { all = false, from, to }: ReplayOptions,
): Result<ReplaySelection, StartError> {
  const ways = [sale !== undefined, all, from !== undefined || to !== undefined];
  if (ways.filter(Boolean).length !== 1)
    return err({
      code: 'usage',
      message: text(
        '请只给出一种：销售编号、--all、--from/--to',
        'Give one of: a sale, --all, --from/--to',
      ),
      remedy: text('例如：till replay --all', 'For example: till replay --all'),
    });
  for (const [option, day] of Object.entries({ '--from': from, '--to': to }))
    if (day !== undefined && !daySchema.safeParse(day).success)
      return err({
        code: 'usage',
        message: text(`${option} 不是日期：${day}`, `${option} is no day: ${day}`),
        remedy: text('格式为 2026-11-21', 'Write it as 2026-11-21'),
      });
  if (sale === undefined) return ok({ fromDay: from, toDay: to });
  return ok(/^\d{1,15}$/.test(sale) ? { seq: Number(sale) } : { saleId: sale });
}

function noTill(data: string): StartError {
  return {
    code: 'no-till',
    message: text(`${data} 里没有收银台`, `There is no till in ${data}`),
    remedy: text('检查 --data 的路径', 'Check the path given with --data'),
  };
}

function reportOne(
  store: Store,
  selection: ReplaySelection,
  sale: string,
  run: Replay,
  json: boolean | undefined,
): void {
  const [row] = salesOf(store.ledger, selection);
  if (row === undefined) return complain(json, saleUnknown(store, selection, sale));
  const { basis: _whole, ...found } = run(row);
  print(json, found, () =>
    [
      lineOf(found),
      ...(found.evaluation === undefined ? [] : ['', evaluationText(found.evaluation)]),
    ].join('\n'),
  );
  process.exitCode = isInOrder(replayAll([row], () => found)) ? EXIT.ok : EXIT.problems;
}

function saleUnknown(store: Store, selection: ReplaySelection, sale: string): StartError {
  const other = 'seq' in selection ? store.ledger.bySeq(selection.seq)?.header : undefined;
  if (other !== undefined) return noSale(other);
  const { seq: base } = store.ledger.base();
  const { seq: head } = store.ledger.head();
  return {
    code: 'sale-unknown',
    message: text(`台账中没有这笔销售：${sale}`, `The ledger has no such sale: ${sale}`),
    remedy: text(
      `本机台账为第 ${base + 1} 至 ${head} 条；更早的记录在总部`,
      `This till keeps the entries ${base + 1} to ${head}; older ones are at headquarters`,
    ),
  };
}

function noSale({ seq, kind, saleId }: EntryHeader): StartError {
  return {
    code: 'not-a-sale',
    message: text(`第 ${seq} 条账目不是销售（${kind}）`, `Entry ${seq} is no sale but a ${kind}`),
    remedy: text(`改用它的销售编号：${saleId}`, `Give the id of its sale: ${saleId}`),
  };
}

function report(found: ReplayReport, json: boolean | undefined): void {
  print(json, found, () => {
    const named = found.findings.map(lineOf);
    const left = found.sales - found.states.equal - named.length;
    const counts = Object.entries(found.states).flatMap(([state, count]) =>
      count === 0 ? [] : `${count} ${state}`,
    );
    return [
      ...named,
      ...(left > 0 ? [both(text(`另有 ${left} 笔未列出`, `${left} more are not listed`))] : []),
      `${found.sales} sales / 笔销售: ${counts.join(', ') || '-'}`,
    ].join('\n');
  });
  process.exitCode = isInOrder(found) ? EXIT.ok : EXIT.problems;
}

const STATE_WORDS: Readonly<Record<SaleReplay['state'], ReturnType<typeof text>>> = {
  equal: text('结果完全一致', 'the same again, bit for bit'),
  different: text('结果不同', 'something else came out'),
  erased: text('会员密钥已销毁，无法重算', "the member's key was destroyed"),
  'input-cleared': text(
    '付款前预留已结束，会员资料已清除，无法重算',
    'paid after its hold was over, when what was known of the member had been cleared',
  ),
  'rule-set-missing': text('没有当时的规则集', 'its rule set is not kept on this till'),
  broken: text('封存的内容无法读取', 'what was sealed cannot be read'),
};

function lineOf(found: SaleReplay): string {
  const { seq, at, saleId, state, ruleSetVersion, differences, field } = found;
  return [
    `${seq} ${at} ${saleId} ${state}: ${both(STATE_WORDS[state])} (rules ${ruleSetVersion})`,
    ...(field === undefined ? [] : [`     ${field}`]),
    ...differences.map(
      ({ path, stored, replayed }) => `     ${path}: ${stored ?? '-'} -> ${replayed ?? '-'}`,
    ),
  ].join('\n');
}
