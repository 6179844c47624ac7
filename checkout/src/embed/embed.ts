/**
 * The script shops include: it opens the payment page over the shop's own, in a dialog. The page in the frame may have
 * been left for another by the time it speaks, so what it says counts only from the right window, origin and payment.
 *
 * `CryptoScan.open(widgetUrl, handlers)` opens it from a script. A link or button with `data-cryptoscan` opens it when it
 * is clicked. Where the frame cannot be shown, the browser goes to the page itself.
 */
// A block, since what a classic script declares would belong to the shop's page.
{
  /**
   * Each is called at most once. `onPaid` is the browser's word, which whoever sits at it can forge: show thanks by it, and
   * send the goods by the webhook. Without `onPaid` the payer is taken to the `back_url` as on the page itself.
   */
  type Handlers = {
    onPaid?: () => void;
    onExpired?: () => void;
    onCancelled?: () => void;
    /** Last, whatever became of the payment. */
    onClose?: () => void;
  };
  type Message = { cryptoscan?: unknown; type?: unknown; pageId?: unknown; url?: unknown };

  /** How long the page may take to speak, at all and after it has loaded, in ms. */
  const PATIENCE = 8000;
  const AFTER_LOAD = 1500;

  const texts: Record<string, [close: string, title: string]> = {
    en: ['Close', 'Payment'],
    ru: ['Закрыть', 'Оплата'],
    de: ['Schließen', 'Zahlung'],
    es: ['Cerrar', 'Pago'],
    fr: ['Fermer', 'Paiement'],
  };

  const css = `
dialog{box-sizing:border-box;width:min(496px,100vw);height:min(860px,94vh);height:min(860px,94dvh);max-width:none;max-height:none;margin:auto;padding:0;border:0;border-radius:20px;overflow:hidden;color-scheme:light dark;background:Canvas;background:light-dark(#f3f5f8,#0d1016);color:CanvasText;box-shadow:0 24px 80px rgb(0 0 0/.35)}
dialog::backdrop{background:rgb(8 12 20/.6)}
dialog[open]{animation:in .18s ease-out}
@keyframes in{from{opacity:0;transform:translateY(12px)}}
button{position:absolute;top:4px;right:4px;width:44px;height:44px;padding:0;border:0;border-radius:50%;background:none;color:inherit;font:24px/1 system-ui,sans-serif;cursor:pointer}
iframe{display:block;width:100%;height:calc(100% - 48px);margin-top:48px;border:0}
button:focus-visible{outline:3px solid Highlight;outline-offset:-3px}
@media (max-width:540px){dialog{width:100vw;height:100vh;height:100dvh;border-radius:0}}
@media (prefers-reduced-motion:reduce){dialog[open]{animation:none}}`;

  /** Where this script is from: links to pages of other installations stay links. */
  const home =
    document.currentScript instanceof HTMLScriptElement && new URL(document.currentScript.src).origin;
  let isOpen = false;

  function open(widgetUrl: string, handlers: Handlers = {}): void {
    const url = new URL(widgetUrl, location.href);
    if (!/^https?:$/.test(url.protocol))
      throw new TypeError('CryptoScan.open: the widget URL must be http or https');
    if (isOpen) return;
    isOpen = true;
    const { host, dialog, frame } = build(url);
    const called = new Set<keyof Handlers>();
    const call = (name: keyof Handlers) => {
      if (called.has(name)) return;
      called.add(name);
      handlers[name]?.();
    };
    const leave = () => location.assign(url.href);
    let waiting = setTimeout(leave, PATIENCE);
    let isReady = false;

    const hear = ({ source, origin, data }: MessageEvent<Message | null>) => {
      if (source !== frame.contentWindow || origin !== url.origin) return;
      if (data?.cryptoscan !== 1 || data.pageId !== url.pathname.split('/').at(-1)) return;
      isReady = true;
      clearTimeout(waiting);
      if (data.type === 'paid') call('onPaid');
      if (data.type === 'expired') call('onExpired');
      if (data.type === 'cancelled') call('onCancelled');
      if (data.type === 'close') dialog.close();
      if (data.type === 'back' && !handlers.onPaid && /^https?:/.test(`${data.url}`))
        location.assign(`${data.url}`);
    };
    addEventListener('message', hear);

    // A browser that refuses the frame says so to nobody: it loads a page of its own there.
    frame.addEventListener('load', () => {
      if (isReady) return;
      clearTimeout(waiting);
      waiting = setTimeout(leave, AFTER_LOAD);
    });
    const { style } = document.documentElement;
    const { overflow } = style;
    dialog.addEventListener('close', () => {
      clearTimeout(waiting);
      removeEventListener('message', hear);
      style.overflow = overflow;
      host.remove();
      isOpen = false;
      call('onClose');
    });
    style.overflow = 'hidden';
    document.body.append(host);
    dialog.showModal();
  }

  /** A shadow root, so that the shop's style does not reach in and ours does not reach out. */
  function build(url: URL) {
    const [close, title] = texts[document.documentElement.lang.slice(0, 2).toLowerCase()] ?? [
      'Close',
      'Payment',
    ];
    const host = document.createElement('div');
    const shadow = host.attachShadow({ mode: 'open' });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    shadow.adoptedStyleSheets = [sheet];
    const dialog = document.createElement('dialog');
    dialog.setAttribute('aria-label', title);
    const button = document.createElement('button');
    button.type = 'button';
    button.setAttribute('aria-label', close);
    button.textContent = '×';
    button.addEventListener('click', () => dialog.close());
    const frame = document.createElement('iframe');
    frame.title = title;
    frame.allow = 'clipboard-write';
    frame.src = url.href;
    dialog.append(button, frame);
    shadow.append(dialog);
    return { host, dialog, frame };
  }

  addEventListener('click', event => {
    const { target, button, metaKey, ctrlKey, shiftKey, altKey, defaultPrevented } = event;
    // Whoever wants another tab gets it.
    if (defaultPrevented || button !== 0 || metaKey || ctrlKey || shiftKey || altKey) return;
    const found = target instanceof Element && target.closest<HTMLElement>('[data-cryptoscan]');
    if (!found) return;
    const text = found.dataset.cryptoscan || found.getAttribute('href') || '';
    const url = URL.canParse(text, location.href) ? new URL(text, location.href) : null;
    if (!url || url.origin !== home) return;
    event.preventDefault();
    open(url.href);
  });

  Object.assign(window, { CryptoScan: { open } });
}
