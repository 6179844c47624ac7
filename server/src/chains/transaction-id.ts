/** Transaction ids: 32 bytes as hexadecimal digits on every chain here, though one writes 0x before them and one does not. */

/**
 * The 64 lower-case digits, or null where the text has another form. A private key has the very same form, so that
 * whatever was read here goes to no log and into no message.
 */
export const transactionDigits = (text: string): string | null =>
  /^(?:0x)?([0-9a-f]{64})$/i.exec(text.trim())?.[1]?.toLowerCase() ?? null;
