/** American English. */
import { html } from '../html.ts';
import { type Catalogue, plural } from './catalogue.ts';

const form = plural('en-US');

export const enUS: Catalogue = {
  name: 'English',
  languages: 'Language',
  notices: {
    no_amount: 'This coin cannot be offered right now. Choose another one, or try again in a few minutes.',
    network_behind: 'We cannot read this network reliably right now. Choose another one, or try again later.',
    unavailable: 'That did not work just now. Nothing was changed. Try again in a moment.',
    payment_seen: 'A payment has already been seen. Nothing was changed.',
    changes_used:
      'You cannot change to yet another coin or network. Pay as shown, or go back to one you had chosen before.',
    ended: 'This payment has already ended. Nothing was changed.',
  },
  choose: {
    title: 'How do you want to pay?',
    lead: 'Pick the coin and the network that your wallet or exchange sends from.',
    legend: 'Coin and network',
    next: 'Continue',
    noneTitle: 'You cannot pay right now',
    none: 'No coin can be offered at the moment. Nothing is due now; try again in a few minutes.',
  },
  awaiting: {
    title: 'Waiting for your payment',
    until: time => html`Pay by ${time}`,
    send: 'Send exactly',
    network: 'On the network',
    address: 'To the address',
    tail: digits => html`Keep the last digits, ${digits}: they tell your payment from others.`,
    whole: 'This amount must arrive, in one transfer.',
    fee: 'If you send from an exchange, add its fee.',
    only: (asset, network) => html`Only ${asset}, only on ${network}.`,
    otherwise: 'Anything sent over another network may be lost.',
    compare: 'After pasting, compare the first and the last characters.',
    qr: 'QR code of the address',
    qrHolds: 'The code holds the address only. Enter the amount yourself.',
    qrLink: 'QR code of the payment',
    qrLinkHolds:
      'The code holds address, amount and network. Before you send, check that your wallet shows exactly this address and this amount.',
    updates: 'This page changes by itself as soon as your payment is seen.',
  },
  paused: {
    title: 'Do not send anything now',
    behind: network => html`We cannot read ${network} right now, so we would not see your payment.`,
    sent: 'If you have sent it already: it will be found as soon as the network is read again. Do not send it a second time.',
    wait: 'This page changes by itself as soon as you can pay again.',
    retired: network => html`Payments over ${network} are not accepted any more.`,
    lookUp: shop =>
      html`If you have sent it already, do not send it a second time: keep the transaction ID and contact ${shop}. The shop may have to look the payment up.`,
    change: 'Change only if you have not sent anything yet.',
  },
  change: {
    ask: 'Pay with another coin or network',
    kept: 'If you have already sent something, it still counts: do not pay a second time.',
    really: 'Change',
  },
  underpaid: {
    title: 'The rest is still missing',
    received: sum => html`We have received ${sum}.`,
    again: 'Do not send the whole amount again.',
    send: 'Send the remaining',
  },
  review: {
    title: 'Only part of it has arrived',
    received: sum => html`We have received ${sum}, which is less than the amount due.`,
    stop: 'Do not send anything now.',
    safe: shop => html`Nothing is lost: it is in the wallet of ${shop}, who now has to look at it.`,
  },
  confirming: {
    title: 'Payment seen',
    lead: 'The network is confirming it. You have nothing more to do and may close this page.',
    again: 'Do not send it again.',
    count: (done, needed) => `${done} of ${form(needed, { one: 'confirmation', other: 'confirmations' })}`,
    wait: 'Waiting for the network',
  },
  paid: {
    title: 'Paid',
    lead: shop => html`Your payment to ${shop} is complete. Thank you.`,
    returning: 'You will be taken back to the shop in a few seconds.',
    over: 'More than the amount due has arrived.',
    again: 'A second payment for this order has arrived.',
    ask: shop => html`To get the rest back, contact ${shop} with the transaction ID.`,
  },
  checking: {
    title: 'Checking for your payment',
    lead: 'The time to pay is over. Do not send anything now.',
    sent: 'If you have sent it in time, all is well: we are still reading the network and will find it.',
    wait: 'Usually this takes a few minutes.',
  },
  expired: {
    title: 'The time to pay is over',
    stop: 'We have seen no payment. Do not pay to this address any more.',
    restart: shop => html`To pay, start again at ${shop}.`,
    sent: shop =>
      html`Sent it already? Your payment is on record in the network. Keep its transaction ID and contact ${shop}.`,
    unread:
      'We could not read the network to the end of that time: a payment may have arrived without our seeing it. Do not pay to this address any more.',
    unreadSent: shop =>
      html`If you have sent something, do not pay a second time: keep the transaction ID and contact ${shop}, so that the shop can look it up.`,
    unreadRestart: shop => html`Start again at ${shop} only if you have sent nothing.`,
  },
  late: {
    title: 'Your payment came too late',
    seen: 'We have seen your payment, but it arrived after the time was over.',
    safe: shop => html`Nothing is lost: it is in the wallet of ${shop}, who now has to look at it.`,
    rejected: shop =>
      html`${shop} does not accept late payments. Your money is in its wallet: contact the shop to get it back.`,
    keep: 'Keep this transaction ID, and give it to the shop when you contact them.',
  },
  returned: {
    title: 'Your payment was sent back',
    late: shop => html`Your payment came too late. ${shop} says that it has sent the money back.`,
    surplus: shop => html`${shop} says that it has sent back what was too much.`,
    missing: shop => html`If the money does not arrive, contact ${shop} with the transaction ID.`,
    transaction: 'Transaction ID of the refund',
  },
  cancelled: {
    title: 'Payment cancelled',
    lead: 'Do not pay to this address any more.',
    sent: shop => html`Sent it already? Keep the transaction ID and contact ${shop}.`,
  },
  cancel: {
    ask: 'Cancel this payment',
    warn: 'Cancel only if you have not sent anything.',
    really: 'Yes, cancel it',
  },
  transaction: 'Transaction ID',
  backTo: shop => html`Back to ${shop}`,
  copy: {
    amount: 'Copy the amount',
    address: 'Copy the address',
    transaction: 'Copy the transaction ID',
    done: 'Copied',
    byHand: 'Selected: copy it by hand',
  },
  timer: time => html`${time} left`,
  minutesLeft: n => `${form(n, { one: 'minute', other: 'minutes' })} left to pay.`,
  reloads: 'This page reloads every 20 seconds.',
  offline: 'No connection. Trying again by itself; your payment is not affected.',
  notFound: {
    title: 'There is no such payment',
    lead: 'Check the link, or go back to the shop and start the payment again. Do not send anything.',
  },
  link: {
    title: shop => html`Pay ${shop}`,
    lead: 'After this step you see the exact amount and the address. Nothing is due before.',
    pay: 'Pay with crypto',
    busy: 'Too many payments by this link have been begun and not finished. Try again in a while.',
    unavailable: 'This cannot be paid right now. Nothing was changed. Try again in a few minutes.',
    paidTitle: 'This has been paid',
    paid: shop =>
      html`Nothing more is due by this link: do not send anything. If it was not you who paid, ask ${shop}.`,
    underwayTitle: 'A payment is under way',
    underway:
      'Somebody has begun to pay by this link. If that was you, go on in the browser you began in; if you have sent the money already, do not pay a second time. If that payment ends unpaid, you can pay here.',
    earlier: 'See the payment you began here before',
  },
};
