import { type Text, text } from '../../contract/text.ts';
import { FACES_FILING_LIMIT } from '../../domain/face-consent/filing-limit.ts';
import type { Row } from './html-page.ts';

/** What is kept where, in which form and how long; true of every till, whatever its settings. */
export const DATA: readonly Row[] = [
  [
    text('画面', 'Pictures'),
    text(
      '采集页面的一个工作线程的内存，一帧一帧地看',
      'Memory of one worker of the capture page, looked at frame by frame',
    ),
    text('原样，不存储，不离开该线程', 'As they are; never stored, never leaving that worker'),
    text('下一帧到来前覆盖', 'Overwritten before the next frame'),
  ],
  [
    text('特征向量', 'Descriptor'),
    text(
      '从采集线程到收银程序，每条消息用会话密钥加密（HPKE）',
      'From that worker to the till program, each message sealed to a key of the session (HPKE)',
    ),
    text('明文只在内存中', 'In clear in memory alone'),
    text(
      '会话结束即覆盖；比对库在独立线程中',
      'Overwritten when the session ends; the gallery lies in a thread of its own',
    ),
  ],
  [
    text('人脸模板', 'Template'),
    text(
      '收银台数据库；密文经总部到同意范围内的其他收银台',
      'Database of the till; sealed, by way of headquarters, other tills that the consent covers',
    ),
    text(
      'AES-256-GCM，每个模板一把密钥；数据库本身另行加密',
      'AES-256-GCM under a key of its own for each template; the database is encrypted besides',
    ),
    text('见第 4 节', 'See section 4'),
  ],
  [
    text('模板密钥', 'Key of a template'),
    text(
      '数据文件夹之外的加密文件；总部没有密钥',
      'An encrypted file outside the data folder; headquarters has none',
    ),
    text('在收银台之间传送时再次加密', 'Sealed once more when it goes from till to till'),
    text(
      '撤回同意时立即销毁，销毁后不再接受',
      'Destroyed at once when the consent is withdrawn, and never taken again',
    ),
  ],
  [
    text('同意记录、撤回回执', 'Consents, receipts of withdrawals'),
    text('收银台和总部', 'Till and headquarters'),
    text(
      '文本版本、语言、时间、方式、见证人；没有图像和特征',
      'Version of the text, language, time, channel, witness; neither picture nor descriptor',
    ),
    text('作为已征得同意和已销毁的证明保存', 'Kept as the proof of consent and of destruction'),
  ],
  [
    text('认证记录', 'Record of a decision'),
    text('收银台台账', 'Ledger of the till'),
    text(
      '时间、摄像头、质量、相似得分、动作是否完成',
      'Time, camera, quality, score, whether the movements were made',
    ),
    text('与交易台账相同', 'As the ledger of sales'),
  ],
  [
    text('已确认的比对距离（校准用）', 'Distances of confirmed comparisons (for calibration)'),
    text('收银台数据库', 'Database of the till'),
    text(
      '一个数、小时、模型；没有姓名和会员号',
      'One number, the hour, the model; neither name nor member id',
    ),
    text('最多 365 天；模板结束时一并删除', '365 days at most; gone with the template'),
  ],
];

/** Risk, what the program does about it, and what remains for the store. */
export const RISKS: readonly Row[] = [
  [
    text('收银台或硬盘被盗，数据泄露', 'A till or its disk is stolen, data leak'),
    text(
      '数据库加密，模板各有密钥，密钥不在数据文件夹；没有图像可泄露',
      'The database is encrypted, each template has its own key, keys lie outside the data folder; there are no pictures to leak',
    ),
    text(
      '同时得到密钥文件的人可以打开：设备上锁，系统盘加密，失窃后由总部吊销该收银台',
      'Whoever gets the key file too can open them: lock the device, encrypt the system disk, revoke a stolen till at headquarters',
    ),
  ],
  [
    text('传输途中或在总部被读取', 'Read on the way or at headquarters'),
    text(
      '只传密文；总部没有密钥，备份也打不开',
      'Only ciphertext travels; headquarters has no key, and no backup opens anything',
    ),
    text('总部运营人员的权限由企业管理', 'Who operates headquarters is for the company to control'),
  ],
  [
    text('误认：把甲当成乙', 'Somebody is taken for somebody else'),
    text(
      '人脸只作为凭据之一；1:N 只给候选，必须再用手机尾号或卡确认；两帧一致、领先第二名才算',
      'A face is one proof among others; 1:N suggests and has to be confirmed by phone digits or card; two frames agree, ahead of the second person',
    ),
    text(
      '不同性别、年龄、族群的误认率可能不同：用本店数据复核（till face pairs、till face calibrate）',
      'Rates differ by sex, age and origin: check with data of the store (till face pairs, till face calibrate)',
    ),
  ],
  [
    text('照片、屏幕、面具冒充', 'A photograph, a screen or a mask'),
    text(
      '随机动作（转头、眨眼、靠近）有时限；没有完成则按低保证处理；每位会员和每台设备限次',
      'Movements in random order with a time limit; without them the face counts little; attempts are limited per member and till',
    ),
    text(
      '动作不是经认证的活体检测；需要时接入认证厂商',
      'Movements are no certified detection of presentation attacks; add a certified vendor where that is needed',
    ),
  ],
  [
    text('未成年人', 'Minors'),
    text(
      '未满设定年龄或年龄不明一律拒绝；生日更改后重新判断',
      'Younger than set, or of unknown age: refused, and judged anew when a birthday changes',
    ),
    text(
      '会员生日的真实性由入会流程保证',
      'That birthdays are true is for the enrolment of members',
    ),
  ],
  [
    text('被迫同意、没有别的办法', 'Consent under pressure, no other way'),
    text(
      '同意由本人在顾客屏幕上给出，跨店另行同意且默认不选；同一屏幕始终有不用人脸的办法；优惠不因此不同',
      'The member agrees on their own screen; other stores are a separate choice, off by default; the same screen always has a way without a face; benefits are the same',
    ),
    text('员工不得劝诱或代为同意', 'Staff must neither press nor agree for anybody'),
  ],
  [
    text('旁人被拍摄', 'Bystanders in the picture'),
    text(
      '只在有人请求时开启摄像头；多张人脸时不描述任何人；不记录旁人',
      'The camera runs only while it is asked for; with several faces nobody is described; nobody else is recorded',
    ),
    text(
      '摄像头朝向、设置显著提示标识',
      'Where the camera points, and a sign that is plain to see',
    ),
  ],
  [
    text('丢失、毁损', 'Loss and damage'),
    text(
      '坏模板被拒绝并可重新登记；不影响销售和其他识别方式',
      'A damaged template is refused and can be enrolled again; sales and other means go on',
    ),
    text('无', 'None'),
  ],
  [
    text('撤回后又被恢复', 'Restored after a withdrawal'),
    text(
      '密钥先销毁；被销毁的编号不再接受；恢复旧备份也不能使用；离线收银台回来后销毁并回执',
      'The key goes first; an id once destroyed is never taken again, from no backup either; a till that was offline destroys and confirms when it returns',
    ),
    text('关注总部列出的未确认收银台', 'Watch the tills that headquarters lists as unconfirmed'),
  ],
];

/** Rights of the member, and where they are used. */
export const RIGHTS: readonly Row[] = [
  [
    text('知情、单独同意', 'To be told, and to agree separately'),
    text('顾客屏幕；文本见第 2 节', "The customer's screen; the words are in section 2"),
  ],
  [
    text('撤回', 'To withdraw'),
    text(
      '任何收银台或总部；立即生效，给出回执',
      'At any till or at headquarters; at once, with a receipt',
    ),
  ],
  [
    text('查阅、复制', 'To see and to have a copy'),
    text(
      'till face member 编号；总部 till hq face receipts',
      'till face member ID; at headquarters till hq face receipts',
    ),
  ],
  [
    text('不用人脸', 'To go without a face'),
    text('会员码、手机号、会员卡，随时可用', 'Code, phone number or card, at any time'),
  ],
];

/** What the law asks for, for the lawyer to hold against the present text. */
export const DUTIES: readonly Text[] = [
  text(
    '评估报告和处理情况记录至少保存三年（个人信息保护法第五十六条）。',
    'The report and the records of processing are kept for at least three years (PIPL, article 56).',
  ),
  text(
    `存储达到 ${FACES_FILING_LIMIT} 人之日起 30 个工作日内向所在地省级网信部门备案（人脸识别技术应用安全管理办法第十五条）；人数按整个企业、去重计算，本页只是这台收银台的数。`,
    `From ${FACES_FILING_LIMIT} people on, filing with the provincial cyberspace authority within 30 working days (Measures on facial recognition, article 15); people of the whole company count, each once, and the figure on this page is this till's alone.`,
  ),
  text(
    '人脸信息应存储于设备内，未经单独同意或法律规定不得通过互联网对外传输：本系统把加密模板经总部送到其他收银台，请核对同意文本是否包括。',
    'Face data is to be stored on the device and not sent over the internet without a separate consent or a law: this system sends sealed templates to other tills by way of headquarters; check that the words of the consent cover it.',
  ),
  text(
    '目的或方式变化、发生重大安全事件时重新评估。',
    'It is done anew where purpose or means change, or after a serious incident.',
  ),
];
