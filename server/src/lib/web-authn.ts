/** The library of passkeys, loaded when the first is used: it is a quarter of what a start would load, and few starts need it. */
export const webAuthn = () => import('@simplewebauthn/server');
