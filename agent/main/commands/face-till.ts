import type { Command } from 'commander';
import type { MemberFaces } from '../../app/faces/keeping.ts';
import { type FaceOverview, type MemberId, text } from '../../contract/index.ts';
import { type AdminRequest, askAgent } from '../admin-channel.ts';
import { registerFaceAssessment } from './face-assessment.ts';
import { memberText } from './face-member-text.ts';
import { registerFacePairs } from './face-pairs.ts';
import { overviewText } from './face-status-text.ts';
import { type CommonOptions, complain, EXIT, print, withDataOption, withJsonOption } from './io.ts';

interface FaceOptions extends CommonOptions {
  readonly data: string;
}

/** Adds `face status` and `face member`: what a running till keeps of faces. */
export function registerFaceTill(face: Command): void {
  withJsonOption(
    withDataOption(
      face
        .command('status')
        .description('faces of the running till: use, model, templates, keys, ends that wait'),
    ),
  ).action(showStatus);
  registerFacePairs(
    withJsonOption(
      withDataOption(
        face
          .command('pairs')
          .description(
            'distances of confirmed members, their drift, and a file for face calibrate',
          ),
      ),
    ),
  );
  registerFaceAssessment(
    withJsonOption(
      withDataOption(
        face
          .command('assessment')
          .description(
            "draft of an impact assessment from the running till's settings, to print, for a lawyer",
          ),
      ),
    ),
  );
  withJsonOption(
    withDataOption(
      face
        .command('member')
        .description(
          "what the running till holds of a member's face: consents, templates, receipts",
        ),
    ),
  )
    .argument('<id>', 'member id')
    .action(showMember);
}

/** The running till's answer; complains where there is none. */
async function ask<T>({ data, json }: FaceOptions, request: AdminRequest): Promise<T | undefined> {
  const answer = await askAgent(data, request);
  if (answer.ok) return answer.value as T;
  const { code, message } = answer.error;
  const isAway = code === 'agent-not-running';
  complain(json, {
    code,
    message: isAway
      ? text('这个数据文件夹没有正在运行的收银台', 'No till is running on this data folder')
      : text('收银台没有给出答案', 'The till gave no answer'),
    remedy: isAway
      ? text('先启动：till run --data DIR', 'Start it first: till run --data DIR')
      : text('查看 till face status', 'See till face status'),
    detail: message,
  });
  return undefined;
}

async function showStatus(options: FaceOptions): Promise<void> {
  const overview = await ask<FaceOverview>(options, { command: 'face-status' });
  if (overview === undefined) return;
  print(options.json, overview, () => overviewText(overview));
  process.exitCode = needsAttention(overview) ? EXIT.problems : EXIT.ok;
}

/** Whether somebody has to see to it. */
export function needsAttention({ stored, limit, ends, templates }: FaceOverview): boolean {
  return stored >= limit || ends.unfinished > 0 || templates.damaged > 0;
}

async function showMember(memberId: string, options: FaceOptions): Promise<void> {
  const found = await ask<MemberFaces>(options, {
    command: 'face-member',
    // What is no id is refused there.
    memberId: memberId as MemberId,
  });
  if (found === undefined) return;
  print(options.json, found, () => memberText(found));
  process.exitCode = EXIT.ok;
}
