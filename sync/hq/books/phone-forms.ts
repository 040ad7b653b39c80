import { COUNTRY_CODE, isMobile } from '../../../agent/domain/identify/plain-phone.ts';

/** Every form in which a plain number (see `plainPhone`) may stand in HQ's records. */
export function phoneForms(plain: string): string[] {
  const forms = [plain, `+${plain}`];
  if (isMobile(plain)) forms.push(`${COUNTRY_CODE}${plain}`, `+${COUNTRY_CODE}${plain}`);
  return forms;
}
