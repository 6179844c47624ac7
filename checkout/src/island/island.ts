/**
 * What a browser adds to the page, which works without it: the payer's time zone, a timer near the end, copying, and
 * looking at the server for news. It keeps nothing: each look brings all there is, so one that is missed cannot matter.
 */

const root = document.documentElement;
const page = document.body;
let main = document.getElementById('main') ?? page;
/** The element as the server sent it, since this script changes what it shows. */
let shown = main.outerHTML;

// --- The server's time. The payer's clock may be wrong by a day; only how fast it runs is trusted. ---

const [loaded] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
/** The server's time when the browser's own count of milliseconds was 0. */
let origin = Number(root.dataset.now) - (loaded?.responseStart ?? performance.now());
const now = () => origin + performance.now();

/** The count stands still while a device sleeps, so each answer's date sets it right; that has whole seconds only. */
function synchronise(date: string | null) {
  const at = Date.parse(date ?? '');
  if (Math.abs(at - now()) > 2000) origin = at - performance.now();
}

// --- What is said and shown beside the screen ---

const time = new Intl.DateTimeFormat(root.lang, { hour: 'numeric', minute: '2-digit' });

function announce(text: string) {
  const line = document.createElement('p');
  line.textContent = text;
  document.getElementById('status')?.replaceChildren(line);
}

/** Puts the payer's own time where the server could only put UTC. */
function localise() {
  for (const element of main.querySelectorAll<HTMLTimeElement>('time[data-local]')) {
    element.textContent = time.format(Date.parse(element.dateTime));
  }
}

/** Milliseconds left at the last tick. */
let before = Number.POSITIVE_INFINITY;

/** The timer ticks in the last quarter alone; five minutes and one minute before the end it is also said. */
function tick() {
  const timer = main.querySelector<HTMLElement>('[data-timer]');
  if (!timer) return;
  const expire = Number(main.dataset.expire);
  const left = expire - now();
  timer.hidden = left <= 0 || left > (expire - Number(main.dataset.created)) / 4;
  const seconds = Math.ceil(left / 1000);
  const digits = timer.querySelector('[data-left]');
  if (digits) digits.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
  for (const [minutes, text] of [
    [5, page.dataset.five],
    [1, page.dataset.one],
  ] as const) {
    const limit = minutes * 60_000;
    if (before > limit && left <= limit && left > limit - 10_000 && text) announce(text);
  }
  if (before > 0 && left <= 0) wake();
  before = left;
}

// --- News ---

/** Puts a new screen in place of the one shown, and the payer back to where they were in it. */
function swap(text: string): boolean {
  const next = new DOMParser().parseFromString(text, 'text/html').querySelector<HTMLElement>('main');
  if (!next) return false;
  const html = next.outerHTML;
  if (html === shown) return true;
  shown = html;
  const old = main;
  const inside = old.contains(document.activeElement);
  const focused = document.activeElement?.id;
  const same = old.dataset.screen === next.dataset.screen;
  if (same) keepEntries(old, next);
  old.replaceWith(next);
  main = next;
  localise();
  tick();
  if (inside)
    (
      ((focused && document.getElementById(focused)) ||
        document.getElementById('title')) as HTMLElement | null
    )?.focus();
  if (!same) {
    document.getElementById('notice')?.remove();
    scrollTo(0, 0);
  }
  document.title = next.dataset.title ?? document.title;
  if (next.dataset.status && next.dataset.status !== old.dataset.status) announce(next.dataset.status);
  leave(next.dataset.back);
  return true;
}

/** What the payer opened or chose stays so. What is not offered any more leaves nothing chosen: no other takes its place. */
function keepEntries(from: HTMLElement, to: HTMLElement) {
  for (const { id } of from.querySelectorAll<HTMLDetailsElement>('details[open]')) {
    to.querySelector(`#${CSS.escape(id)}`)?.setAttribute('open', '');
  }
  if (!from.querySelector('input[type=radio]')) return;
  const value = from.querySelector<HTMLInputElement>('input:checked')?.value;
  for (const input of to.querySelectorAll<HTMLInputElement>('input[type=radio]')) {
    input.checked = input.value === value;
  }
}

/** Back to the shop, unless the payer does anything here first: whoever reads or copies something is not torn away. */
function leave(url: string | undefined) {
  if (!url || !/^https?:/.test(url)) return;
  // In a frame the way back is the shop's page to take (framed.ts).
  const go = () => (root.dataset.framed ? dispatchEvent(new CustomEvent('back')) : location.assign(url));
  const leaving = setTimeout(go, 8000);
  const stay = () => {
    clearTimeout(leaving);
    document.getElementById('returning')?.remove();
  };
  for (const event of ['pointerdown', 'keydown', 'wheel']) addEventListener(event, stay, { once: true });
}

let flight: AbortController | null = null;
let timeout = 0;
let asked = 0;
let failures = 0;
let tag = '';

async function look() {
  clearTimeout(timeout);
  wanted = false;
  flight?.abort();
  const own = new AbortController();
  flight = own;
  asked = performance.now();
  const limit = setTimeout(() => own.abort(), 10_000);
  const good = await ask(own).catch(() => false);
  clearTimeout(limit);
  if (flight !== own) return;
  flight = null;
  failures = good ? 0 : failures + 1;
  const offline = document.getElementById('offline');
  if (offline) offline.hidden = good;
  schedule();
}

/** True when the server said how things stand. A later question makes an earlier one's answer void. */
async function ask(own: AbortController): Promise<boolean> {
  const headers: HeadersInit = tag ? { 'if-none-match': tag } : {};
  const response = await fetch(page.dataset.poll ?? '', { headers, signal: own.signal, cache: 'no-store' });
  const text = await response.text();
  if (flight !== own || (response.status !== 200 && response.status !== 304)) return false;
  synchronise(response.headers.get('date'));
  if (response.status === 304) return true;
  if (!swap(text)) return false;
  tag = response.headers.get('etag') ?? '';
  return true;
}

/** A page left open on a screen that hardly changes is given up after two hours; coming back to it looks again. */
const givenUp = 2 * 3600_000;

function schedule() {
  clearTimeout(timeout);
  const every = Number(main.dataset.every);
  if (every && every <= 4) listen();
  else hangUp();
  if (!every || (every > 4 && performance.now() > givenUp)) return;
  const usual = hears ? 30 : breaks > 1 ? 10 : every;
  const seconds = failures === 0 ? usual : failures === 1 ? 10 : 20;
  timeout = setTimeout(look, wanted ? soon() : Math.max(every, seconds) * 1000);
}

/** There may be news that the look under way is too old for. */
let wanted = false;
/** Word of news comes in bunches; one look serves them all. */
const soon = () => Math.max(0, asked + 1000 - performance.now());

/** So long (ms) a look may take before one that is newer goes in its place. */
const PATIENCE = 8000;

/**
 * Something happened that makes news likely: the server says so, the payer came back, or the time ended. A look under way is
 * not broken off for it, only followed by another: where news comes faster than answers do, none would ever arrive.
 */
function wake() {
  if (document.hidden || !Number(main.dataset.every)) return;
  wanted = true;
  if (flight && performance.now() - asked < PATIENCE) return;
  clearTimeout(timeout);
  timeout = setTimeout(look, soon());
}

// --- Word of news. It only makes this page look sooner: without it, it looks every few seconds. ---

let stream: EventSource | null = null;
/** The stream is open. */
let hears = false;
/** How often in a row it broke or could not be opened. */
let breaks = 0;
/** When a stream is tried again after that. */
let mayListen = 0;

function listen() {
  // A browser has few connections for one host, and all its tabs share them.
  if (stream || document.hidden || !window.EventSource || performance.now() < mayListen) return;
  const own = new EventSource(page.dataset.events ?? '');
  stream = own;
  own.onopen = () => {
    hears = true;
    breaks = 0;
  };
  own.addEventListener('news', wake);
  own.onerror = () => {
    // What was open may be opened again by the browser itself; what was refused is not, and that says nothing of the line.
    const refused = own.readyState === EventSource.CLOSED;
    hears = false;
    breaks = refused ? 0 : breaks + 1;
    if (refused || breaks > 1) {
      mayListen = performance.now() + 60_000;
      hangUp();
    }
    if (!flight) schedule();
  };
}

function hangUp() {
  stream?.close();
  stream = null;
  hears = false;
}

// --- Copying ---

async function copy(button: HTMLButtonElement) {
  const { copy: text = '', of = '', done = '', byHand = '' } = button.dataset;
  let copied = true;
  try {
    // Without https there is no clipboard at all.
    await navigator.clipboard.writeText(text);
  } catch {
    copied = copySelected(of);
  }
  confirm(button, copied ? done : byHand, copied);
}

/** The older way, for pages without https; what is left selected can at least be copied by hand. */
function copySelected(id: string): boolean {
  const element = document.getElementById(id);
  if (element) getSelection()?.selectAllChildren(element);
  return document.execCommand('copy');
}

function confirm(button: HTMLButtonElement, text: string, copied: boolean) {
  const label = button.querySelector('span');
  announce(text);
  if (!label || button.dataset.label) return;
  button.dataset.label = label.textContent ?? '';
  label.textContent = text;
  button.classList.toggle('done', copied);
  setTimeout(() => {
    label.textContent = button.dataset.label ?? '';
    delete button.dataset.label;
    button.classList.remove('done');
  }, 2500);
}

page.addEventListener('click', event => {
  const button = event.target instanceof Element && event.target.closest<HTMLButtonElement>('[data-copy]');
  if (button) void copy(button);
});

localise();
leave(main.dataset.back);
tick();
setInterval(tick, 1000);
schedule();
document.addEventListener('visibilitychange', () => {
  if (document.hidden) hangUp();
  wake();
});
for (const event of ['focus', 'online', 'pageshow']) addEventListener(event, wake);
