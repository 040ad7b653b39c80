const MASK = '*';
/** Stars for a word in an alphabet; a fixed number, so that they do not tell its length. */
const WORD_MASK = '***';
const HAN = /^\p{Script=Han}/u;

/**
 * A name as screens and receipts may show it. Names in Chinese characters keep the first and, from three on, the
 * last character with one star for each between (张*, 张*明, 欧**娜), as shops in China print them; other names keep
 * the initial of each word (A*** S***). A single character is masked whole.
 */
export function maskName(name: string): string {
  const trimmed = name.trim();
  return HAN.test(trimmed) ? maskHan([...trimmed.replace(/\s+/gu, '')]) : maskWords(trimmed);
}

function maskHan(characters: readonly string[]): string {
  const first = characters[0] ?? '';
  const last = characters.at(-1) ?? '';
  if (characters.length < 2) return MASK;
  if (characters.length === 2) return `${first}${MASK}`;
  return `${first}${MASK.repeat(characters.length - 2)}${last}`;
}

function maskWords(name: string): string {
  const words = name.split(/\s+/u).filter((word) => word !== '');
  const alone = words.length === 1 && [...(words[0] ?? '')].length === 1;
  if (words.length === 0 || alone) return WORD_MASK;
  return words.map((word) => `${[...word][0] ?? ''}${WORD_MASK}`).join(' ');
}
