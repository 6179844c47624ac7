/** How people come in after the first one: by themselves, by invitation, or by the operator's command line alone. */
export const registrations = ['open', 'invitation', 'off'] as const;
export type Registration = (typeof registrations)[number];

/** How long links are good, in ms: to accept an invitation, to set a new password, and to prove a new address. */
export const INVITATION_LIFETIME = 7 * 24 * 3_600_000;
export const RESET_LIFETIME = 3_600_000;
export const EMAIL_CHANGE_LIFETIME = 24 * 3_600_000;
