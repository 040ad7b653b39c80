import type { Prng } from './prng.ts';

/** Common surnames with their share among people, in hundredths of a percent, rounded. */
const surnames: readonly (readonly [string, number])[] = [
  ['王', 710],
  ['李', 700],
  ['张', 670],
  ['刘', 530],
  ['陈', 450],
  ['杨', 310],
  ['黄', 220],
  ['赵', 210],
  ['周', 200],
  ['吴', 200],
  ['徐', 170],
  ['孙', 150],
  ['马', 130],
  ['朱', 130],
  ['胡', 130],
  ['郭', 120],
  ['何', 120],
  ['林', 120],
  ['高', 110],
  ['罗', 100],
  ['郑', 95],
  ['梁', 90],
  ['谢', 80],
  ['宋', 75],
  ['唐', 70],
  ['许', 66],
  ['韩', 66],
  ['邓', 62],
  ['冯', 60],
  ['曹', 60],
  ['彭', 55],
  ['曾', 55],
  ['肖', 50],
  ['田', 50],
  ['董', 48],
  ['潘', 45],
  ['袁', 45],
  ['蔡', 45],
  ['蒋', 45],
  ['余', 42],
  ['于', 42],
  ['杜', 40],
  ['叶', 40],
  ['程', 40],
  ['魏', 38],
  ['苏', 38],
  ['吕', 36],
  ['丁', 36],
  ['任', 34],
  ['卢', 34],
  ['姚', 32],
  ['沈', 32],
  ['钟', 30],
  ['姜', 30],
  ['崔', 28],
  ['谭', 28],
  ['陆', 26],
  ['范', 26],
  ['汪', 25],
  ['廖', 25],
  ['石', 24],
  ['金', 24],
  ['韦', 22],
  ['贾', 22],
  ['夏', 21],
  ['付', 20],
  ['方', 20],
  ['邹', 18],
  ['熊', 17],
  ['白', 16],
  ['孟', 16],
  ['秦', 16],
  ['邱', 15],
  ['侯', 15],
  ['江', 15],
  ['尹', 14],
  ['薛', 14],
  ['闫', 13],
  ['段', 12],
  ['雷', 12],
  ['黎', 10],
  ['史', 10],
  ['龙', 10],
  ['陶', 9],
  ['贺', 9],
  ['毛', 8],
  ['郝', 8],
  ['顾', 8],
  ['龚', 8],
  ['邵', 7],
  ['欧阳', 6],
  ['上官', 1],
  ['司马', 1],
  ['诸葛', 1],
];

const givenCharacters = {
  male: '伟强磊军洋勇杰涛明超刚平辉鹏华飞鑫波斌宇浩凯健俊帆旭宁龙林阳建文志国海峰昊天博泽轩子睿',
  female: '芳娜敏静丽艳娟霞秀燕玲桂英兰婷雪慧莹倩颖琳璐梦欣怡佳蕾洁妍思雨涵诗瑶可馨悦晓月梅红',
} as const;

const latinFirstNames = [
  'Anna',
  'Ben',
  'Carla',
  'Daniel',
  'Elena',
  'Farid',
  'Grace',
  'Hugo',
  'Ines',
  'James',
  'Kaori',
  'Liam',
  'Maria',
  'Nikolai',
  'Olivia',
  'Pedro',
  'Ruth',
  'Samuel',
  'Thi Mai',
  'Yusuf',
];
const latinLastNames = [
  'Andersson',
  'Brown',
  'Costa',
  'Dubois',
  'Evans',
  'Fischer',
  'García',
  'Haddad',
  'Ivanova',
  'Jensen',
  'Kowalski',
  'Lopez',
  'Meyer',
  'Nguyen',
  "O'Brien",
  'Park',
  'Rossi',
  'Smith',
  'Tanaka',
  'Walker',
];

/** Two of a hundred members have a name in Latin letters. */
const LATIN_BASIS_POINTS = 200;
/** One in six given names has a single character. */
const SHORT_GIVEN_BASIS_POINTS = 1_700;

/** Draws the name of a member: mostly Chinese, surnames by how common they are. */
export function drawName(prng: Prng): string {
  return prng.chance(LATIN_BASIS_POINTS)
    ? `${prng.pick(latinFirstNames)} ${prng.pick(latinLastNames)}`
    : drawChineseName(prng);
}

/** Draws a Chinese name: surname and one or two characters. */
export function drawChineseName(prng: Prng): string {
  const surname = prng.weighted(surnames);
  const characters = [...givenCharacters[prng.chance(5_000) ? 'male' : 'female']];
  const first = prng.pick(characters);
  return prng.chance(SHORT_GIVEN_BASIS_POINTS)
    ? `${surname}${first}`
    : `${surname}${first}${prng.pick(characters)}`;
}
