/**
 * What the page says to a page of the shop that shows it in a frame: that it is there, and what became of the payment.
 * It speaks to no other origin than those the merchant named, and listens to nobody.
 */

const root = document.documentElement;
const { parents = '' } = document.body.dataset;
/** Told once each for as long as the page is loaded; the shop's page tells its own script no more than once. */
const outcomes = ['paid', 'expired', 'cancelled'];

/** Only one of these can be the parent's, and a browser that tells which is spared the complaints about the others. */
function origins(): string[] {
  const [parent] = location.ancestorOrigins ?? [];
  return parents.split(' ').filter(origin => !parent || origin === parent);
}

function tell(type: string, more: { url?: string } = {}) {
  const message = { cryptoscan: 1, type, pageId: location.pathname.split('/').at(-1), ...more };
  for (const origin of origins()) parent.postMessage(message, origin);
}

const main = () => document.getElementById('main')?.dataset;

/** The screen that was told of last. */
let told = '';

function look() {
  const screen = main()?.screen ?? '';
  if (screen === told) return;
  told = screen;
  if (outcomes.includes(screen)) tell(screen);
}

function start() {
  root.dataset.framed = 'true';
  tell('ready');
  look();
  // The other script puts a new <main> in place of the one there is.
  new MutationObserver(look).observe(document.body, { childList: true });
  addEventListener('back', () => tell('back', { url: main()?.back ?? '' }));
  // The keys pressed in here do not reach the dialog around the frame.
  addEventListener('keydown', event => {
    if (event.key === 'Escape' && !event.defaultPrevented) tell('close');
  });
  // The shop is not to be shown in its own frame.
  addEventListener('click', event => {
    const link = event.target instanceof Element && event.target.closest<HTMLAnchorElement>('main a[href]');
    if (link) link.target = '_top';
  });
}

if (parent !== self) start();
