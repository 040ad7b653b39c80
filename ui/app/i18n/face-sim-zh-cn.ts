/** 模拟摄像头的文字。 */
export const faceSimZhCN = {
  faceSim: {
    title: '模拟摄像头',
    about: '画出来的人，不是任何人的照片。只演示收银台怎样工作，不说明真人识别的准确度。',
    who: '谁站在摄像头前',
    person: '人物 {{letter}}',
    scene: { two: '两个人', nobody: '没有人' },
    obliging: '按提示做动作',
    gesture: {
      'turn-left': '向左转头',
      'turn-right': '向右转头',
      blink: '闭眼',
      nearer: '靠近',
    },
    unplug: '拔掉摄像头',
    condition: '摄像头状态',
    conditions: {
      usual: '正常',
      dark: '很暗',
      slow: '很慢',
      absent: '没有摄像头',
      denied: '未获允许',
      busy: '被占用',
    },
  },
};
