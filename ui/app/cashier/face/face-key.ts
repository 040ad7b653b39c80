/**
 * The key that asks for a face, by `KeyboardEvent.key`. All F keys have their work, the last one at the register that may stand
 * beside the cashier's page: a page takes each key that it names from everybody else.
 */
export const FACE_KEY = 'Insert';
/** As it stands on keyboards. */
export const FACE_KEY_NAME = 'Ins';
