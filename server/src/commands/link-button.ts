/** The button for a web page that leads to a payment link. */

const STYLE =
  'display:inline-block;padding:12px 20px;border-radius:10px;background:#1d4ed8;color:#fff;font:600 16px system-ui,sans-serif;text-decoration:none';

/** HTML. Amount and currency are digits and letters; the description, which may be anything, is not in it. */
export function linkButton({
  url,
  amount,
  currency,
}: {
  url: string;
  amount: string;
  currency: string;
}): string {
  const address = url.replace(/[&<>"']/g, found => `&#${found.charCodeAt(0)};`);
  return `<a href="${address}" rel="noopener" style="${STYLE}">Pay ${amount} ${currency}</a>`;
}
