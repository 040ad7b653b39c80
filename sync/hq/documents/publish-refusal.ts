import { type Text, text } from '../../../agent/contract/text.ts';
import type { RuleProblem } from '../publish/rule-problem.ts';

/** Versions that one publication may advance; tills refuse a larger step. */
export const PUBLISH_STEP_MAX = 10_000;

/** Why a document was not published; the one in force stays. */
export interface PublishRefusal {
  readonly code:
    | 'content-wrong'
    | 'version-old'
    | 'version-jumps'
    | 'version-taken'
    | 'currency-wrong';
  readonly message: Text;
  readonly remedy: Text;
  /** With `content-wrong`: everything to correct. */
  readonly problems: readonly RuleProblem[];
}

/** Whether a version may follow the current one (0 = none was published). */
export function checkVersion(current: number, version: number): PublishRefusal | null {
  if (version === current) return versionTaken(version);
  const remedy = text(`把 version 改为 ${current + 1}`, `Set \`version\` to ${current + 1}`);
  if (version < current) {
    return refusal(
      'version-old',
      text(
        `版本 ${version} 不高于已发布的 ${current}`,
        `Version ${version} is not above ${current}, which is published`,
      ),
      remedy,
    );
  }
  if (current > 0 && version > current + PUBLISH_STEP_MAX) {
    return refusal(
      'version-jumps',
      text(
        `版本从 ${current} 跳到 ${version}`,
        `Version ${version} leaves more than ${PUBLISH_STEP_MAX} out after ${current}`,
      ),
      remedy,
    );
  }
  return null;
}

/** One version never stands for two contents. */
export function versionTaken(version: number): PublishRefusal {
  return refusal(
    'version-taken',
    text(
      `版本 ${version} 已发布，但内容不同`,
      `Version ${version} is published with another content`,
    ),
    text('用更高的 version 发布改动', 'Publish changes under a higher `version`'),
  );
}

export function contentWrong(problems: readonly RuleProblem[]): PublishRefusal {
  return {
    code: 'content-wrong',
    message: text('文件有错误，未发布', 'The file has errors; nothing was published'),
    remedy: text('按提示逐条修正', 'Correct what is listed'),
    problems,
  };
}

export function refusal(code: PublishRefusal['code'], message: Text, remedy: Text): PublishRefusal {
  return { code, message, remedy, problems: [] };
}
