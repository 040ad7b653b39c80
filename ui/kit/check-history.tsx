import { Table } from '@mantine/core';
import { foundText } from '../../agent/contract/check-found.ts';
import css from './check-history.module.css';
import {
  CHECK_KINDS,
  CHECK_OUTCOMES,
  CHECK_WHYS,
  CHECK_WORDS,
  type ShownCheck,
} from './check-words.ts';
import type { Format } from './format.ts';
import { useLanguageChoice } from './language.ts';
import { StatusMark } from './status-mark.tsx';

/** Checks that have ended, in the order given; on a narrow screen each one under the other. */
export function CheckHistory(props: {
  readonly checks: readonly ShownCheck[];
  readonly format: Format;
  readonly nowMs: number;
}) {
  const { say } = useLanguageChoice();
  const { checks, format, nowMs } = props;
  return (
    <Table className={css['history'] ?? ''} verticalSpacing="xs">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{say(CHECK_WORDS.at)}</Table.Th>
          <Table.Th>{say(CHECK_WORDS.kind)}</Table.Th>
          <Table.Th>{say(CHECK_WORDS.outcome)}</Table.Th>
          <Table.Th>{say(CHECK_WORDS.found)}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {checks.map((check) => {
          const { tone, name } = CHECK_OUTCOMES[check.outcome];
          return (
            <Table.Tr
              key={`${check.kind} ${check.startedAt} ${check.endedAt}`}
              data-check={check.kind}
            >
              <Table.Td className={css['when'] ?? ''}>
                {format.moment(check.endedAt, nowMs)}
              </Table.Td>
              <Table.Td>
                {say(CHECK_KINDS[check.kind].name)}
                <span className={css['why']}>{say(CHECK_WHYS[check.why])}</span>
              </Table.Td>
              <Table.Td>
                <StatusMark tone={tone}>{say(name)}</StatusMark>
              </Table.Td>
              <Table.Td className={css['found'] ?? ''}>
                {say(foundText(check, format.number))}
              </Table.Td>
            </Table.Tr>
          );
        })}
      </Table.Tbody>
    </Table>
  );
}

/** The last check of a kind in words: what it compares, when it was, what it found. */
export function LastCheck(props: {
  readonly kind: ShownCheck['kind'];
  readonly check: ShownCheck | null;
  readonly format: Format;
  readonly nowMs: number;
}) {
  const { say } = useLanguageChoice();
  const { kind, check, format, nowMs } = props;
  const outcome = check === null ? null : CHECK_OUTCOMES[check.outcome];
  return (
    <div className={css['last']} data-last={kind}>
      <dt>
        <span className={css['name']}>{say(CHECK_KINDS[kind].name)}</span>
        <StatusMark tone={outcome?.tone ?? 'idle'}>
          {say(outcome?.name ?? CHECK_WORDS.never)}
        </StatusMark>
      </dt>
      {check === null ? null : (
        <dd>
          {say(foundText(check, format.number))}
          <span className={css['why']}>
            {[format.moment(check.endedAt, nowMs), say(CHECK_WHYS[check.why])].join(' · ')}
          </span>
        </dd>
      )}
      <dd className={css['about']}>{say(CHECK_KINDS[kind].about)}</dd>
    </div>
  );
}
