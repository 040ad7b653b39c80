import type { Command } from 'commander';
import type { MemberId } from '../../../agent/contract/ids.ts';
import type { FaceReceipts } from '../../protocol/face.ts';
import type { FaceFigures } from '../../protocol/face-figures.ts';
import { askHq } from './ask-hq.ts';
import { loadHqConfig } from './hq-config.ts';
import type { HqSystem } from './hq-system.ts';
import { complain, EXIT, print, withHqOptions } from './io.ts';

interface Options {
  readonly config?: string;
  readonly json?: boolean;
  readonly member: string;
}

/** `face withdraw|receipts|figures`: templates of a member, what became of them, and what the chain keeps. */
export function registerFace(program: Command, system: HqSystem): void {
  const face = program
    .command('face')
    .description('face templates: end those of a member, show which tills destroyed their keys');
  withHqOptions(
    face
      .command('withdraw')
      .description('end all face templates of a member who asks for it; every till destroys them')
      .requiredOption('--member <id>', 'id of the member')
      .requiredOption('--reason <text>', 'why, for the record'),
  ).action(async (options: Options & { readonly reason: string }) => {
    const config = loadHqConfig(options.config, { ...options });
    if (!config.ok) return complain(options.json, config.error);
    const input = { memberId: options.member as MemberId, reason: options.reason };
    const answer = await askHq(config.value, system, 'withdrawFaces', input);
    if (!answer.ok) return complain(options.json, answer.error, EXIT.problems);
    const { ended } = answer.value;
    print(options.json, answer.value, () =>
      ended === 0
        ? '没有人脸模板；此前的同意已全部作废 / no template was in use; every consent so far is void'
        : `已作废 ${ended} 个人脸模板，收银机将销毁密钥 / ${ended} ended; tills destroy their keys`,
    );
  });
  withHqOptions(
    face
      .command('receipts')
      .description('which tills had the keys of a member, and which have destroyed them')
      .requiredOption('--member <id>', 'id of the member'),
  ).action(async (options: Options) => {
    const config = loadHqConfig(options.config, { ...options });
    if (!config.ok) return complain(options.json, config.error);
    const answer = await askHq(config.value, system, 'faceReceipts', {
      memberId: options.member as MemberId,
    });
    if (!answer.ok) return complain(options.json, answer.error, EXIT.problems);
    print(options.json, answer.value, () => lines(answer.value));
  });
  withHqOptions(
    face
      .command('figures')
      .description('faces that the chain keeps, and tills that have yet to destroy ended ones'),
  ).action(async (options: Omit<Options, 'member'>) => {
    const config = loadHqConfig(options.config, { ...options });
    if (!config.ok) return complain(options.json, config.error);
    const answer = await askHq(config.value, system, 'faceFigures', {});
    if (!answer.ok) return complain(options.json, answer.error, EXIT.problems);
    print(options.json, answer.value, () => figureLines(answer.value));
  });
}

const GONE = '  已停用，无法确认 / revoked, cannot confirm';
const FILING = {
  clear: '',
  near: '；接近备案上限，请通知法务 / close to the filing limit: tell the lawyer',
  reached: '；达到备案上限，须向网信部门备案 / the filing limit is reached: the chain has to file',
};

function figureLines({ stored, limit, filing, waiting, waitingTills }: FaceFigures): string {
  return [
    `已存人脸 / faces stored: ${stored} / ${limit}${FILING[filing]}`,
    `待确认销毁的收银台 / tills that have yet to confirm: ${waitingTills}`,
    ...waiting.map(
      ({ tillId, templates, since, isLate, isGone }) =>
        `  ${tillId.padEnd(16)}  ${templates}  ${since}${isLate ? '  逾期 / late' : ''}${isGone ? GONE : ''}`,
    ),
  ].join('\n');
}

function lines({ templates }: FaceReceipts): string {
  if (templates.length === 0) return '没有人脸模板 / no template';
  return templates
    .flatMap(({ templateId, ended, destroyed, tills }) => [
      ended === null
        ? `${templateId}  使用中 / in use`
        : `${templateId}  ${ended.reason} ${ended.at}  ${
            destroyed
              ? '已全部销毁 / destroyed everywhere'
              : '等待收银机 / tills have yet to say so'
          }`,
      ...tills.map(
        ({ tillId, confirmedAt, isGone }) =>
          `  ${tillId.padEnd(16)}  ${confirmedAt ?? (ended === null ? '-' : '未确认 / not yet')}${
            isGone && confirmedAt === null ? GONE : ''
          }`,
      ),
    ])
    .join('\n');
}
