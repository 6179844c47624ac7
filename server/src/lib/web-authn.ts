/** The library of passkeys, loaded when the first is used: no other would cost a start as much, and few starts need it. */
export const webAuthn = () => import('@simplewebauthn/server');
