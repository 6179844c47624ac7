/** Where the app begins. */
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { startTheme } from './lib/theme.ts';
import { startLinkToken } from './session/link-token.ts';
import { startWords } from './words/start.ts';
import './theme.css';

// The styles that parts of the app write while it runs are let in by this page's nonce alone (Content-Security-Policy).
Object.assign(globalThis, {
  __webpack_nonce__: document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce,
});
startLinkToken();
startTheme();
await startWords();
const root = document.getElementById('root');
if (root) {
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
