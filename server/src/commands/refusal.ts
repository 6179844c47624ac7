/** Why an act of a person was refused: a closed set, that the edge maps to statuses and texts. */
import { fail, type Result } from '../lib/result.ts';
import type { InputFault } from './faults.ts';

export type PlainRefusal =
  /** Who it is was not proved; never says which part was wrong. */
  | 'wrong'
  /** A link that is unknown, used or over. */
  | 'link_over'
  | 'set_up_closed'
  | 'not_found'
  | 'forbidden'
  | 'member_already'
  | 'last_owner'
  /** The invitation is for a person who is here already and must accept it signed in. */
  | 'sign_in_first'
  | 'for_somebody_else'
  | 'enrolled_already'
  | 'not_enrolled'
  | 'too_many_passkeys'
  | 'too_many_invitations'
  | 'passkeys_unavailable';

export type Refusal =
  | { code: PlainRefusal }
  | { code: 'invalid'; faults: InputFault[] }
  /** Nothing was judged; ask again after so many seconds. */
  | { code: 'too_many'; seconds: number };

export type Judged<T> = Result<T, Refusal>;

export const refuse = (code: PlainRefusal): { ok: false; fault: Refusal } => fail({ code });
export const tooMany = (seconds: number): { ok: false; fault: Refusal } =>
  fail({ code: 'too_many', seconds });
export const invalid = (faults: InputFault[]): { ok: false; fault: Refusal } =>
  fail({ code: 'invalid', faults });
