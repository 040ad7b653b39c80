import {
  type CameraTrouble,
  type ChallengeStep,
  type FaceOutcome,
  type FaceReason,
  type FrameFault,
  type Text,
  text,
} from '../../contract/index.ts';

/** What the member is to do about a frame that is not good enough. */
export const FAULT_WORDS: Readonly<Record<FrameFault, Text>> = {
  'no-face': text('请看镜头', 'Please look at the camera'),
  'several-faces': text('请一个人站到镜头前', 'One person at a time, please'),
  'too-small': text('请靠近一点', 'Please come a little nearer'),
  uncertain: text('请露出整张脸，摘下口罩', 'Please show your whole face, without a mask'),
  turned: text('请正对镜头', 'Please face the camera'),
  tilted: text('请把头摆正', 'Please hold your head upright'),
  'too-dark': text('光线太暗，请换个位置', 'It is too dark here, please move a little'),
  'too-bright': text('光线太亮，请换个位置', 'It is too bright here, please move a little'),
  blurred: text('请站稳一下', 'Please hold still for a moment'),
};

/** The movement that a challenge asks for. */
export const STEP_WORDS: Readonly<Record<ChallengeStep, Text>> = {
  'turn-left': text('请向左转头', 'Please turn your head to your left'),
  'turn-right': text('请向右转头', 'Please turn your head to your right'),
  blink: text('请眨一下眼', 'Please blink'),
  nearer: text('请靠近镜头', 'Please come nearer to the camera'),
};

/** What is the matter with the camera, and what the cashier does about it. */
export const TROUBLE_WORDS: Readonly<
  Record<CameraTrouble, { readonly what: Text; readonly remedy: Text }>
> = {
  absent: {
    what: text('没有摄像头，或拍摄页面没有打开', 'There is no camera, or its page is not open'),
    remedy: text('接上摄像头并打开拍摄页面', 'Plug the camera in and open the capture page'),
  },
  denied: {
    what: text('不允许使用摄像头', 'The camera is not allowed'),
    remedy: text('在拍摄页面允许使用摄像头', 'Allow the camera on the capture page'),
  },
  busy: {
    what: text('摄像头被其他程序占用', 'Another program uses the camera'),
    remedy: text('关闭占用摄像头的程序', 'Close the program that uses it'),
  },
  dark: {
    what: text('画面全黑', 'The picture is black'),
    remedy: text('打开镜头盖，开灯', 'Open its cover and put a light on'),
  },
  unplugged: {
    what: text('摄像头已拔出', 'The camera was unplugged'),
    remedy: text('重新插好摄像头', 'Plug it in again'),
  },
  slow: {
    what: text('画面太慢', 'The camera gives too few pictures'),
    remedy: text('换个接口，或关闭其他程序', 'Use another socket, or close other programs'),
  },
  'model-missing': {
    what: text('识别模型缺失或被改动', 'The model is missing or was altered'),
    remedy: text('请信息部门重新安装', 'Ask IT to install it again'),
  },
  failed: {
    what: text('拍摄程序出错', 'Capturing broke'),
    remedy: text('重新打开拍摄页面', 'Open the capture page again'),
  },
};

/** How a session came out well, for the cashier. */
export const OUTCOME_WORDS: Readonly<Record<Exclude<FaceOutcome, 'refused' | 'ended'>, Text>> = {
  recognised: text('人脸与会员相符', 'The face is that of the member'),
  shortlist: text(
    '可能是以下会员，请用手机号或会员卡确认',
    'Perhaps one of these members: confirm by phone number or card',
  ),
  unknown: text('没有认出，请用会员卡或手机号', 'Nobody is recognised: use card or phone number'),
  enrolled: text('人脸已登记', 'The face is enrolled'),
};

/** Why a session was refused or ended, for the cashier. */
export const REASON_WORDS: Readonly<Record<FaceReason, Text>> = {
  'no-match': text(
    '人脸与会员不符，请用其他方式核实',
    'The face is not that of the member: take another proof',
  ),
  unsure: text('无法确定，请用其他方式核实', 'It cannot be told: take another proof'),
  challenge: text('没有按提示完成动作', 'The movements were not made as asked'),
  'not-live': text('镜头前可能不是真人', 'This may be no living person'),
  'other-person': text('镜头前换了人', 'Somebody else came before the camera'),
  'consent-withdrawn': text('会员已撤回同意', 'The member has withdrawn their consent'),
  attempts: text(
    '短时间内尝试次数太多，请用会员卡或手机号',
    'Too many attempts in a short time: use card or phone number',
  ),
  blocked: text('会员资格已停用', 'The membership is blocked'),
  'expired-member': text('会员资格已过期', 'The membership has expired'),
  minor: text('未成年或年龄不明，不能使用人脸', 'A minor, or of unknown age: no face is used'),
  'member-changed': text('会员已更换或清除', 'The member was changed or cleared'),
  'proof-gone': text('身份证明已不足，请重新核实', 'The proof is no longer enough: verify again'),
  'not-taken': text('结果没有被采用', 'The result was not taken'),
  cancelled: text('已取消', 'Cancelled'),
  'timed-out': text('时间已到', 'Time is up'),
  'signed-out': text('收银员已退出或锁屏', 'The cashier has signed out or locked the screen'),
  'switched-off': text('本店已停用人脸', 'Faces were switched off in this store'),
  'sale-ended': text('交易已结束', 'The sale is over'),
  'too-many-frames': text('画面太多，请重新开始', 'Too many pictures: begin again'),
  storage: text('无法保存，请稍后再试', 'It could not be written: try again later'),
};
