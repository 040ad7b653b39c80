import type { FaceFacts } from '../../app/faces/keeping.ts';
import type { Language } from '../../contract/index.ts';
import { type Text, text } from '../../contract/text.ts';
import type { FaceEvaluation } from '../face/evaluate-set.ts';
import { accuracy } from './face-assessment-figures.ts';
import { DATA, DUTIES, RIGHTS, RISKS } from './face-assessment-parts.ts';
import { permitted } from './face-assessment-policy.ts';
import { USES } from './face-status-text.ts';
import { escapeHtml, htmlPage } from './html-page.ts';

const STYLE = `
body { font: 11pt/1.5 system-ui, "Noto Sans CJK SC", "Microsoft YaHei", sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem; color: #1a1a1a; }
h1 { font-size: 1.5rem; } h2 { border-bottom: 2px solid; margin: 1.6rem 0 .6rem; font-size: 1.15rem; break-after: avoid; }
table { border-collapse: collapse; width: 100%; margin: .4rem 0; }
th, td { border: 1px solid #bbb; padding: .3rem .5rem; text-align: left; vertical-align: top; }
th { background: #f1f3f3; } tr { break-inside: avoid; }
blockquote { margin: .4rem 0; padding: .4rem .8rem; border-left: 3px solid #888; white-space: pre-wrap; }
mark { background: #fff3c4; border: 1px dashed #a67c00; padding: 0 .3rem; }
@media print { @page { margin: 15mm; } body { margin: 0; max-width: none; padding: 0; } }
`;

/** What the page is made of. */
export interface AssessmentInput {
  readonly facts: FaceFacts;
  /** `till face eval --json` of the model in use; absent = the page asks for it. */
  readonly evaluation?: FaceEvaluation | undefined;
  readonly language: Language;
}

/**
 * The draft of an impact assessment for the store's lawyer (PIPL, articles 55 and 56; Measures on facial recognition of
 * 2025): the settings that are in force, printable, in one language. What only the store can say is marked.
 */
export function assessmentHtml({ facts, evaluation, language }: AssessmentInput): string {
  const page = htmlPage(language);
  const { say, fill, table, sentences, list } = page;
  let chapters = 0;
  const chapter = (title: Text, ...body: readonly string[]): string => {
    chapters += 1;
    return `<section><h2>${chapters}. ${say(title)}</h2>\n${body.join('\n')}</section>`;
  };

  const { setting, overview, model, store, tillId, at } = facts;
  const title = text(
    '人脸识别个人信息保护影响评估（草稿）',
    'Facial recognition: impact assessment (draft)',
  );
  const words = (one: Text): string => `<blockquote>${say(one)}</blockquote>`;

  return [
    '<!doctype html>',
    `<html lang="${language}"><head><meta charset="utf-8">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${say(title)}</title><style>${STYLE}</style></head><body>`,
    `<h1>${say(title)}</h1>`,
    `<p>${say(store.name)} (${escapeHtml(store.storeId)}), ${escapeHtml(tillId)}, ${escapeHtml(at)}</p>`,
    `<p>${say(
      text(
        '由收银台按当前设置生成，供法务修改；黄色处只有企业能填写。本页不是法律意见。',
        'Made by the till from the settings in force, for a lawyer to work on; what is marked only the company can say. It is no legal advice.',
      ),
    )}</p>`,
    chapter(
      text('处理者', 'Who is responsible'),
      list([
        fill(text('企业名称、统一社会信用代码、地址', 'company, registration number, address')),
        fill(
          text(
            '个人信息保护负责人和联系方式',
            'person responsible for personal data, and how to reach them',
          ),
        ),
        fill(text('评估人、评估日期', 'who assesses, and when')),
      ]),
    ),
    chapter(
      text('目的、方式和必要性', 'Purpose, means and necessity'),
      `<p>${say(
        text(
          '在收银台识别同意的会员：与所称会员 1:1 比对，或在本店同意的会员中给出候选，由本人再行确认。',
          'Members who agreed are recognised at the till: compared 1:1 with the member who is claimed, or suggested among the members who agreed in this store, for themselves to confirm.',
        ),
      )}</p>`,
      setting === null
        ? `<p>${fill(text('总部尚未设置同意文本（till hq setting face）', 'headquarters has set no words of a consent yet (till hq setting face)'))}</p>`
        : [
            `<p>${say(text('同意文本，版本 ', 'Words of the consent, version '))}${escapeHtml(setting.textVersion)}</p>`,
            `<p>${say(text('一、本店', 'One: this store'))}</p>${words(setting.storeText)}`,
            `<p>${say(text('二、其他门店（单独选择，默认不选）', 'Two: other stores (a choice of its own, off by default)'))}</p>${words(setting.chainText)}`,
          ].join('\n'),
      list([
        fill(text('为什么其他方式不足以实现该目的', 'why other means do not serve the purpose')),
        fill(
          text(
            '不同意的会员得到的服务有何不同（应无不同）',
            'how those who do not agree are served (it should be the same)',
          ),
        ),
      ]),
    ),
    chapter(
      text('处理哪些信息', 'Which data'),
      sentences(
        [
          text('信息', 'Data'),
          text('在哪里', 'Where'),
          text('形式', 'Form'),
          text('多久', 'How long'),
        ],
        DATA,
      ),
    ),
    chapter(
      text('范围和期限', 'Scope and retention'),
      table(
        [text('设置', 'Setting'), text('现值', 'In force')],
        [
          [say(text('本机使用状态', 'Use at this till')), say(USES[overview.use])],
          [say(text('已存人脸', 'Stored faces')), `${overview.stored} / ${overview.limit}`],
          ...(setting === null
            ? []
            : [
                [
                  say(text('无到店多少天后删除', 'Days without a visit until a template ends')),
                  String(setting.retentionDays),
                ],
                [
                  say(
                    text(
                      '最低年龄（年龄不明按未成年）',
                      'Youngest age (unknown counts as younger)',
                    ),
                  ),
                  String(setting.ageMin),
                ],
                [
                  say(text('停用的门店', 'Stores that are switched off')),
                  escapeHtml(setting.offInStores.join(', ')) || '-',
                ],
              ]),
        ],
      ),
      `<p>${say(
        text(
          '停用：店长在“优先通道”页暂停本机或销毁本机全部人脸；总部按门店停用。',
          'Switch-off: a manager pauses this till or destroys all faces on it, on the board of the priority lane; headquarters switches stores.',
        ),
      )}</p>`,
    ),
    chapter(text('准确度', 'Accuracy'), ...accuracy(page, model, evaluation)),
    chapter(text('一张脸能做什么', 'What a face may do'), ...permitted(page, facts)),
    chapter(
      text('风险和措施', 'Risks and measures'),
      sentences(
        [
          text('风险', 'Risk'),
          text('程序的措施', 'What the program does'),
          text('剩余风险和企业要做的', 'What remains, and is for the company'),
        ],
        RISKS,
      ),
      `<p>${
        facts.hasLivenessVendor
          ? say(text('已接入活体检测厂商。', 'A vendor tells a living face from a picture.'))
          : say(
              text(
                '未接入活体检测厂商：人脸按低保证处理。',
                'No vendor tells a living face from a picture: a face counts little.',
              ),
            )
      }</p>`,
      `<p>${fill(text('企业自己的风险判断', "the company's own judgement of the risks"))}</p>`,
    ),
    chapter(
      text('会员的权利', 'Rights of members'),
      sentences([text('权利', 'Right'), text('怎样行使', 'How')], RIGHTS),
    ),
    chapter(
      text('谁能看到什么', 'Who sees what'),
      list(
        [
          text(
            '收银员：一种状态和还缺什么；没有图像、得分和他人',
            'Cashier: one state and what is missing; no picture, no score, nobody else',
          ),
          text(
            '店长：数量、撤回、暂停和销毁',
            'Manager: counts, withdrawals, pause and destruction',
          ),
          text(
            '收银程序厂商：只见“face”一词；没有图像、特征和同意',
            'POS vendor: the word "face" alone; no picture, no descriptor, no consent',
          ),
          text(
            '总部：同意、密文、销毁确认；没有密钥',
            'Headquarters: consents, ciphertext, confirmations of destruction; no key',
          ),
        ].map(say),
      ),
      `<p>${fill(text('有权操作收银台系统和总部的人员', 'who may operate the tills and headquarters'))}</p>`,
    ),
    chapter(text('法定事项', 'Duties'), list(DUTIES.map(say))),
    chapter(
      text('结论', 'Conclusion'),
      list([
        fill(
          text(
            '目的和方式是否合法、正当、必要',
            'whether purpose and means are lawful, legitimate and necessary',
          ),
        ),
        fill(
          text(
            '措施是否有效并与风险相适应',
            'whether the measures are effective and in proportion',
          ),
        ),
        fill(text('签字、日期', 'signature and date')),
      ]),
    ),
    '</body></html>',
    '',
  ].join('\n');
}
