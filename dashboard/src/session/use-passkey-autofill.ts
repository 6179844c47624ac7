/** Passkeys among the names that the browser offers to fill in; whoever takes one is signed in by it. */
import { browserSupportsWebAuthnAutofill, WebAuthnAbortService } from '@simplewebauthn/browser';
import { useEffect, useRef } from 'react';
import { showPasskey } from './passkey.ts';

/** Silent when it comes to nothing: nobody has asked for it, and the button beside says why it does not work. */
export function usePasskeyAutofill(isWanted: boolean, onDone: () => void): void {
  const done = useRef(onDone);
  done.current = onDone;
  useEffect(() => {
    if (!isWanted) return;
    let isOver = false;
    const offer = async () => {
      if (!(await browserSupportsWebAuthnAutofill()) || isOver) return;
      await showPasskey('sign-in/passkey', { autofill: true });
      if (!isOver) done.current();
    };
    void offer().catch(() => {});
    return () => {
      isOver = true;
      WebAuthnAbortService.cancelCeremony();
    };
  }, [isWanted]);
}
