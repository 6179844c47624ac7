/** The style sheet. Colours come from the palette, whose contrast is tested. */
import { palette } from './palette.ts';

const variables = (colours: Record<string, string>) =>
  Object.entries(colours)
    .map(([name, value]) => `--${name}:${value}`)
    .join(';');

const ground = `
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0 auto;max-width:480px;padding:20px 12px 32px;background:var(--ground);color:var(--text);font:1rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;overflow-wrap:break-word}
h1,h2,p,ol,ul,figure,fieldset{margin:0;padding:0;border:0}
h1{font-size:1.125rem;line-height:1.35;font-weight:650;text-wrap:balance}
h1:focus{outline:none}
h2{font-size:.875rem;line-height:1.4;font-weight:600;color:var(--muted)}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px;border-radius:6px}
[hidden]{display:none!important}
.unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.icon{width:1.25em;height:1.25em;flex:none}
.card{background:var(--card);border:1px solid var(--line);border-radius:16px;box-shadow:0 1px 2px rgb(16 24 40/.05),0 8px 24px rgb(16 24 40/.06)}
.hint{font-size:.875rem;line-height:1.45;color:var(--muted)}
.lead{padding:0 20px;color:var(--muted)}
.notice{margin-bottom:12px;padding:12px 16px;border-radius:12px;background:var(--warn-tint);color:var(--warn);font-size:.9375rem}
.notice.quiet{margin:12px 0 0;background:none;color:var(--muted);padding:0 8px;text-align:center;font-size:.875rem}
.shop{display:flex;justify-content:space-between;align-items:flex-start;gap:16px;padding:0 8px 16px}
.shop>div{flex:1;min-width:0}
.logo{flex:none;width:auto;height:auto;max-width:80px;max-height:40px;border-radius:8px}
.name,.price{font-weight:650;font-size:1.0625rem}
.price{flex:none;max-width:60%;text-align:end;overflow-wrap:anywhere;font-variant-numeric:tabular-nums}
.description{color:var(--muted);font-size:.9375rem;overflow-wrap:anywhere}
.name{overflow-wrap:anywhere}
`;

const controls = `
button,.button{display:flex;align-items:center;justify-content:center;gap:8px;width:100%;min-height:48px;padding:10px 16px;border:1px solid var(--button);border-radius:10px;background:var(--button);color:var(--on-button);font:inherit;font-weight:600;line-height:1.3;text-align:center;text-decoration:none;cursor:pointer;touch-action:manipulation}
.quiet:is(button,.button){background:none;color:var(--accent);border-color:var(--edge)}
button>span,.button>span{min-width:0;overflow-wrap:anywhere}
button:hover,.button:hover{filter:brightness(1.06)}
.quiet:is(button,.button):hover{background:var(--tint);filter:none}
.danger{background:none;border-color:var(--bad);color:var(--bad)}
.copy.done{background:var(--good-tint);border-color:var(--good);color:var(--good)}
.chip{display:inline-block;padding:1px 8px;border-radius:6px;background:var(--warn-tint);color:var(--warn);font-size:.8125rem;font-weight:650;line-height:1.5;letter-spacing:.01em;vertical-align:middle;white-space:nowrap}
.exact{user-select:all;-webkit-user-select:all;font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace;font-size:1.0625rem;line-height:1.6}
.exact span{white-space:nowrap;margin-inline-end:.4em}
.exact span:first-child,.exact span:nth-last-child(2){font-weight:700;color:var(--accent)}
@media (scripting:none){.copy{display:none}}
`;

const steps = `
.head{display:grid;gap:2px;padding:18px 20px 14px}
.head h1{display:flex;align-items:center;gap:10px}
.until{color:var(--muted);font-size:.9375rem;display:flex;flex-wrap:wrap;gap:2px 12px;justify-content:space-between}
.timer{font-weight:650;color:var(--warn);font-variant-numeric:tabular-nums}
.pulse{width:10px;height:10px;border-radius:50%;background:var(--accent);flex:none;animation:pulse 2s ease-in-out infinite}
@keyframes pulse{50%{opacity:.3}}
.steps{list-style:none;counter-reset:step}
.steps li{counter-increment:step;position:relative;display:grid;gap:10px;padding:16px 20px 18px;border-top:1px solid var(--line)}
.steps li>*{min-width:0}
.steps h2{display:flex;align-items:center;gap:8px}
.steps h2::before{content:counter(step);display:grid;place-items:center;width:22px;height:22px;border-radius:50%;background:var(--tint);color:var(--accent);font-size:.8125rem;font-weight:700}
.amount{font-weight:700;line-height:1.15;letter-spacing:-.01em;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
.amount.large{font-size:3rem}
.amount.middle{font-size:2.5rem}
.amount.small{font-size:1.75rem}
.amount.small .coin{font-size:1.25rem}
.number{user-select:all;-webkit-user-select:all}
.amount .coin{font-size:.5em;font-weight:650;letter-spacing:0;white-space:nowrap}
mark{display:inline-block;max-width:100%;background:var(--tint);color:var(--accent);border-radius:6px;text-decoration:underline;text-decoration-thickness:3px;text-underline-offset:.14em}
.hints{display:grid;gap:4px}
.network{font-size:1.375rem;font-weight:700;line-height:1.25}
.warning{padding:10px 12px;border-radius:10px;background:var(--warn-tint);color:var(--warn)}
figure{display:grid;justify-items:center;gap:8px;padding-top:4px}
.qr{width:220px;height:220px;border-radius:12px;border:1px solid var(--line);background:#fff}
figcaption{text-align:center;text-wrap:balance}
.received{padding:0 20px 14px}
.foot{padding:14px 20px;border-top:1px solid var(--line);color:var(--muted);font-size:.875rem;text-align:center;text-wrap:balance}
`;

const others = `
form{display:grid;gap:14px}
.card>form{padding:14px 20px 20px}
legend{padding:0 0 8px;font-size:.875rem;font-weight:600;color:var(--muted)}
fieldset{display:grid;gap:8px;min-width:0}
.option{display:flex;align-items:center;gap:12px;min-height:56px;padding:8px 14px;border:1px solid var(--edge);border-radius:12px;cursor:pointer}
.option:hover{background:var(--tint)}
.option:has(:checked){border-color:var(--accent);box-shadow:inset 0 0 0 1px var(--accent);background:var(--tint)}
.option:has(:focus-visible){outline:3px solid var(--accent);outline-offset:2px}
.option input{width:20px;height:20px;margin:0;flex:none;accent-color:var(--accent);outline:none}
.option .coin{font-weight:700;min-width:3.25em}
.option .on{font-size:.9375rem;line-height:1.35;display:flex;flex-wrap:wrap;gap:2px 8px;align-items:center}
.report{display:grid;gap:14px;padding:28px 20px 22px;justify-items:center;text-align:center}
.report>*{max-width:100%;min-width:0}
.report>.icon{width:60px;height:60px;padding:15px;border-radius:50%;background:var(--tint);color:var(--accent)}
.report.good>.icon{background:var(--good-tint);color:var(--good)}
.report.warn>.icon{background:var(--warn-tint);color:var(--warn)}
.report h1{font-size:1.375rem}
.report>p{text-wrap:balance}
.report .button{margin-top:4px}
.turn{animation:turn 1.4s linear infinite}
@keyframes turn{to{transform:rotate(1turn)}}
.sum{display:grid}
.sum b{font-size:1.625rem;line-height:1.2;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
.sum span{color:var(--muted)}
.progress{display:grid;gap:6px;width:100%;font-weight:600}
progress{appearance:none;-webkit-appearance:none;width:100%;height:8px;border:0;border-radius:4px;background:var(--line);overflow:hidden}
progress::-webkit-progress-bar{background:var(--line)}
progress::-webkit-progress-value{background:var(--accent);border-radius:4px;transition:width .4s}
progress::-moz-progress-bar{background:var(--accent);border-radius:4px}
.apart{border-top:1px solid var(--line);padding-top:14px}
.transaction{display:grid;gap:8px;width:100%;padding-top:16px;border-top:1px solid var(--line);text-align:start}
.transaction .exact{font-size:.9375rem}
.transactions{display:grid;gap:16px;margin-top:12px;padding:2px 20px 20px}
.transactions>:first-child{border-top:0}
.cancel{margin-top:12px;text-align:center}
.cancel summary{display:inline-flex;align-items:center;min-height:44px;padding:0 12px;color:var(--muted);font-size:.9375rem;text-decoration:underline;text-underline-offset:3px;cursor:pointer;list-style:none}
.cancel summary::-webkit-details-marker{display:none}
.cancel form{padding:4px 8px 8px}
.change form{text-align:start}
.simulate{margin-top:28px;border:2px dashed var(--warn);border-radius:12px;background:var(--card)}
.simulate summary{padding:12px 16px;color:var(--warn);font-size:.875rem;font-weight:650;cursor:pointer}
.simulate form{padding:0 16px 16px}
.simulate ul{display:grid;gap:10px;list-style:none}
.simulate li{display:grid;grid-template-columns:minmax(8rem,11rem) 1fr;gap:12px;align-items:center}
.simulated{border:2px dashed;overflow-wrap:anywhere}
footer{margin-top:20px}
footer ul{display:flex;flex-wrap:wrap;justify-content:center;list-style:none}
footer a{display:flex;align-items:center;min-height:44px;padding:0 6px;color:var(--muted);font-size:.8125rem;text-decoration:none}
footer a:hover{text-decoration:underline}
footer a[aria-current]{color:var(--text);font-weight:650}
@media (min-width:600px){body{padding-top:48px}}
@media (min-width:900px){
body:has(.steps){max-width:860px}
.steps{display:grid;grid-template-columns:1fr 1fr;grid-template-rows:auto 1fr}
.steps li{align-content:start}
.steps li:nth-child(3){grid-area:1/2/3/3;border-inline-start:1px solid var(--line)}
.steps .exact{font-size:.9375rem}
.cancel form,.change form{max-width:480px;margin-inline:auto}
}
@media (max-width:339px){.steps li,.head,.received,.transactions,.report,.lead,.card>form{padding-inline:14px}}
@media (prefers-reduced-motion:reduce){*{animation:none!important;transition:none!important}}
@media (forced-colors:active){.icon,.chip,mark,.warning{forced-color-adjust:auto;border:1px solid}}
@media print{footer,.copy,.cancel,.simulate{display:none}}
`;

/** One column, at most 480 px wide, from 320 px on; light and dark. */
export const style: string = `:root{color-scheme:light dark;${variables(palette.light)}}
@media (prefers-color-scheme:dark){:root{${variables(palette.dark)}}}
${ground}${controls}${steps}${others}`;
