/** The page at /docs and its style: a form for the keys, and below it the reference, which Swagger UI draws. */

export const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>CryptoScan API</title>
<link rel="icon" type="image/png" href="docs/favicon.png">
<link rel="stylesheet" href="docs/swagger-ui.css">
<link rel="stylesheet" href="docs/docs-page.css">
<script src="docs/swagger-ui-bundle.js" defer></script>
<script src="docs/docs-page.js" type="module"></script>
</head>
<body>
<form id="keys" class="keys" autocomplete="off">
<p>To try requests here, enter the keys of a merchant. They stay in the memory of this page: nothing is stored, and with
signatures the private key is not sent.</p>
<label>Public key <input id="public-key" spellcheck="false" autocomplete="off"></label>
<label>Private key <input id="private-key" type="password" autocomplete="off"></label>
<label>Authentication <select id="auth" autocomplete="off">
<option value="signature" selected>signature</option>
<option value="signature-v2">signature, version 2</option>
<option value="private-key">private key</option>
</select></label>
</form>
<main id="reference"><noscript>The reference is drawn by a script. The description itself is at
<a href="openapi.json">openapi.json</a>.</noscript></main>
</body>
</html>
`;

export const STYLE = `
:root { --edge: #d5dae3; --raised: #f6f8fa; --text: #23272f; --code: #1f2430; }
:root.dark-mode { --edge: #3c424d; --raised: #22272f; --text: #e4e6e6; --code: #11151c; color-scheme: dark; }
body { margin: 0; background: #fff; color: var(--text); font: 16px/1.45 system-ui, sans-serif; }
.dark-mode body { background: #1c2022; }
.keys { display: flex; flex-wrap: wrap; gap: 8px 16px; align-items: end; box-sizing: border-box; max-width: 1460px;
  margin: 0 auto; padding: 16px 20px; }
.keys p { flex: 1 1 100%; margin: 0; font-size: 14px; }
.keys label { flex: 1 1 240px; display: grid; gap: 4px; font-size: 14px; }
.keys label:last-of-type { flex: 0 1 200px; }
.keys input, .keys select { box-sizing: border-box; width: 100%; min-height: 40px; padding: 8px; font: inherit;
  color: inherit; background: var(--raised); border: 1px solid var(--edge); border-radius: 4px; }
.swagger-ui .info { margin: 16px 0; }
.swagger-ui .scheme-container { display: none; }
.swagger-ui .opblock-summary-path { overflow-wrap: anywhere; }
.code-samples { padding: 20px; }
.code-samples [role=tablist] { display: flex; flex-wrap: wrap; gap: 4px; margin-bottom: 8px; }
.code-samples button { min-height: 36px; padding: 4px 12px; font: inherit; font-size: 14px; cursor: pointer;
  color: var(--text); background: none; border: 1px solid var(--edge); border-radius: 4px; }
.code-samples [aria-selected=true] { background: var(--raised); font-weight: 600; border-color: currentColor; }
.code-samples .copy { margin-left: auto; }
.swagger-ui .code-samples pre { margin: 0; padding: 12px; max-height: 400px; overflow: auto; color: #fff;
  background: var(--code); border-radius: 4px; font: 13px/1.5 ui-monospace, monospace; white-space: pre; }
.swagger-ui .response-col_links { display: none; }
.dark-mode .swagger-ui .examples-select__section-label { color: var(--text); }
@media (max-width: 600px) {
  .keys { padding: 12px; }
  .swagger-ui .wrapper { padding: 0 12px; }
  .swagger-ui .response-col_status { min-width: 0; padding-right: 8px; }
}
`;
