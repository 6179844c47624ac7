/** German. */
import { html } from '../html.ts';
import { type Catalogue, plural } from './catalogue.ts';

const form = plural('de-DE');

export const deDE: Catalogue = {
  name: 'Deutsch',
  languages: 'Sprache',
  notices: {
    no_amount:
      'Diese Währung ist gerade nicht verfügbar. Wählen Sie eine andere oder versuchen Sie es in einigen Minuten.',
    network_behind:
      'Dieses Netzwerk ist gerade nicht zuverlässig lesbar. Wählen Sie ein anderes oder versuchen Sie es später.',
    unavailable:
      'Das hat gerade nicht geklappt. Es wurde nichts geändert. Versuchen Sie es gleich noch einmal.',
    payment_seen: 'Es wurde bereits eine Zahlung gesehen. Es wurde nichts geändert.',
    changes_used:
      'Ein weiterer Wechsel ist nicht möglich. Bezahlen Sie wie angezeigt oder kehren Sie zu einer früheren Auswahl zurück.',
    ended: 'Diese Zahlung ist bereits beendet. Es wurde nichts geändert.',
  },
  choose: {
    title: 'Wie möchten Sie bezahlen?',
    lead: 'Wählen Sie Währung und Netzwerk, mit denen Ihre Wallet oder Börse sendet.',
    legend: 'Währung und Netzwerk',
    next: 'Weiter',
    noneTitle: 'Bezahlen ist gerade nicht möglich',
    none: 'Zurzeit ist keine Währung verfügbar. Sie müssen jetzt nichts bezahlen; versuchen Sie es in einigen Minuten.',
  },
  awaiting: {
    title: 'Wir warten auf Ihre Zahlung',
    until: time => html`Bezahlen Sie bis ${time}`,
    send: 'Senden Sie genau',
    network: 'Über das Netzwerk',
    address: 'An die Adresse',
    tail: digits => html`Die Ziffern ${digits} am Ende kennzeichnen Ihre Zahlung: nicht runden.`,
    whole: 'Dieser Betrag muss ankommen, in einem Transfer.',
    fee: 'Wenn Sie von einer Börse senden, rechnen Sie deren Gebühr hinzu.',
    only: (asset, network) => html`Nur ${asset} und nur über ${network}.`,
    otherwise: 'Was über ein anderes Netzwerk kommt, kann verloren gehen.',
    compare: 'Vergleichen Sie nach dem Einfügen die ersten und letzten Zeichen.',
    qr: 'QR-Code der Adresse',
    qrHolds: 'Der Code enthält nur die Adresse. Den Betrag geben Sie selbst ein.',
    qrLink: 'QR-Code der Zahlung',
    qrLinkHolds:
      'Der Code enthält Adresse, Betrag und Netzwerk. Prüfen Sie vor dem Senden, dass Ihre Wallet genau diese Adresse und diesen Betrag zeigt.',
    updates: 'Diese Seite ändert sich von selbst, sobald wir Ihre Zahlung sehen.',
  },
  paused: {
    title: 'Senden Sie jetzt nichts',
    behind: network => html`Wir können ${network} gerade nicht lesen und würden Ihre Zahlung nicht sehen.`,
    sent: 'Haben Sie schon gesendet, wird die Zahlung gefunden, sobald das Netzwerk wieder gelesen wird. Senden Sie nicht noch einmal.',
    wait: 'Diese Seite ändert sich von selbst, sobald Sie wieder bezahlen können.',
    retired: network => html`Zahlungen über ${network} werden nicht mehr angenommen.`,
    lookUp: shop =>
      html`Haben Sie schon gesendet, senden Sie nicht noch einmal: Bewahren Sie die Transaktions-ID auf und wenden Sie sich an ${shop}. Vielleicht muss die Zahlung dort erst gesucht werden.`,
    change: 'Ändern Sie nur, wenn Sie noch nichts gesendet haben.',
  },
  change: {
    ask: 'Anders bezahlen: Währung oder Netzwerk ändern',
    kept: 'Haben Sie schon etwas gesendet, zählt es weiterhin: Bezahlen Sie nicht noch einmal.',
    really: 'Ändern',
  },
  underpaid: {
    title: 'Es fehlt noch der Rest',
    received: sum => html`Wir haben ${sum} erhalten.`,
    again: 'Senden Sie nicht noch einmal den ganzen Betrag.',
    send: 'Senden Sie noch genau',
  },
  review: {
    title: 'Nur ein Teil ist angekommen',
    received: sum => html`Wir haben ${sum} erhalten, weniger als zu zahlen war.`,
    stop: 'Senden Sie jetzt nichts mehr.',
    safe: shop =>
      html`Nichts ist verloren: Das Geld ist in der Wallet von ${shop} und muss dort geprüft werden.`,
  },
  confirming: {
    title: 'Zahlung gesehen',
    lead: 'Das Netzwerk bestätigt sie gerade. Sie müssen nichts mehr tun und können die Seite schließen.',
    again: 'Senden Sie nicht noch einmal.',
    count: (done, needed) => `${done} von ${form(needed, { one: 'Bestätigung', other: 'Bestätigungen' })}`,
    wait: 'Warten auf das Netzwerk',
  },
  paid: {
    title: 'Bezahlt',
    lead: shop => html`Ihre Zahlung an ${shop} ist abgeschlossen. Vielen Dank.`,
    returning: 'In wenigen Sekunden gelangen Sie zurück zum Shop.',
    over: 'Es ist mehr angekommen, als zu zahlen war.',
    again: 'Für diese Bestellung ist eine zweite Zahlung angekommen.',
    ask: shop => html`Um den Rest zurückzubekommen, wenden Sie sich mit der Transaktions-ID an ${shop}.`,
  },
  checking: {
    title: 'Wir prüfen, ob Ihre Zahlung ankam',
    lead: 'Die Zeit zum Bezahlen ist vorbei. Senden Sie jetzt nichts mehr.',
    sent: 'Wenn Sie rechtzeitig gesendet haben, ist alles gut: Wir lesen das Netzwerk noch und finden die Zahlung.',
    wait: 'Das dauert meist einige Minuten.',
  },
  expired: {
    title: 'Die Zeit zum Bezahlen ist vorbei',
    stop: 'Wir haben keine Zahlung gesehen. Bezahlen Sie nicht mehr an diese Adresse.',
    restart: shop => html`Um zu bezahlen, beginnen Sie bei ${shop} neu.`,
    sent: shop =>
      html`Schon gesendet? Ihre Zahlung ist im Netzwerk festgehalten. Bewahren Sie die Transaktions-ID auf und wenden Sie sich an ${shop}.`,
    unread:
      'Wir konnten das Netzwerk nicht bis zum Ende dieser Zeit lesen: Eine Zahlung kann angekommen sein, ohne dass wir sie gesehen haben. Bezahlen Sie nicht mehr an diese Adresse.',
    unreadSent: shop =>
      html`Haben Sie schon gesendet, bezahlen Sie nicht noch einmal: Bewahren Sie die Transaktions-ID auf und wenden Sie sich an ${shop}, damit die Zahlung dort gesucht wird.`,
    unreadRestart: shop => html`Beginnen Sie bei ${shop} nur dann neu, wenn Sie nichts gesendet haben.`,
  },
  late: {
    title: 'Ihre Zahlung kam zu spät',
    seen: 'Wir haben Ihre Zahlung gesehen, aber sie kam nach Ablauf der Zeit an.',
    safe: shop => html`Nichts ist verloren: Sie ist in der Wallet von ${shop} und muss dort geprüft werden.`,
    rejected: shop =>
      html`${shop} nimmt verspätete Zahlungen nicht an. Ihr Geld ist in der Wallet des Shops: Wenden Sie sich an ihn, um es zurückzubekommen.`,
    keep: 'Bewahren Sie diese Transaktions-ID auf und nennen Sie sie dem Shop.',
  },
  returned: {
    title: 'Ihre Zahlung wurde zurückgesendet',
    late: shop =>
      html`Ihre Zahlung kam zu spät. Nach Angabe von ${shop} wurde das Geld an Sie zurückgesendet.`,
    surplus: shop => html`Nach Angabe von ${shop} wurde an Sie zurückgesendet, was zu viel war.`,
    missing: shop => html`Kommt das Geld nicht an, wenden Sie sich mit der Transaktions-ID an ${shop}.`,
    transaction: 'Transaktions-ID der Rückzahlung',
  },
  cancelled: {
    title: 'Zahlung abgebrochen',
    lead: 'Bezahlen Sie nicht mehr an diese Adresse.',
    sent: shop => html`Schon gesendet? Bewahren Sie die Transaktions-ID auf und wenden Sie sich an ${shop}.`,
  },
  cancel: {
    ask: 'Zahlung abbrechen',
    warn: 'Brechen Sie nur ab, wenn Sie noch nichts gesendet haben.',
    really: 'Ja, abbrechen',
  },
  transaction: 'Transaktions-ID',
  backTo: shop => html`Zurück zu ${shop}`,
  copy: {
    amount: 'Betrag kopieren',
    address: 'Adresse kopieren',
    transaction: 'Transaktions-ID kopieren',
    done: 'Kopiert',
    byHand: 'Markiert: bitte von Hand kopieren',
  },
  timer: time => html`noch ${time}`,
  minutesLeft: n => `Noch ${form(n, { one: 'Minute', other: 'Minuten' })} zum Bezahlen.`,
  reloads: 'Diese Seite lädt alle 20 Sekunden neu.',
  offline: 'Keine Verbindung. Wir versuchen es von selbst weiter; Ihre Zahlung ist davon nicht betroffen.',
  notFound: {
    title: 'Diese Zahlung gibt es nicht',
    lead: 'Prüfen Sie den Link oder gehen Sie zurück zum Shop und beginnen Sie neu. Senden Sie nichts.',
  },
  link: {
    title: shop => html`Zahlung an ${shop}`,
    lead: 'Im nächsten Schritt sehen Sie den genauen Betrag und die Adresse. Vorher ist nichts fällig.',
    pay: 'Mit Kryptowährung bezahlen',
    busy: 'Über diesen Link wurden zu viele Zahlungen begonnen und nicht beendet. Versuchen Sie es später noch einmal.',
    unavailable:
      'Das kann gerade nicht bezahlt werden. Es wurde nichts geändert. Versuchen Sie es in einigen Minuten noch einmal.',
    paidTitle: 'Das ist bezahlt',
    paid: shop =>
      html`Über diesen Link ist nichts mehr zu bezahlen: Senden Sie nichts. Wenn nicht Sie bezahlt haben, fragen Sie bei ${shop} nach.`,
    underwayTitle: 'Eine Zahlung läuft bereits',
    underway:
      'Über diesen Link wurde schon eine Zahlung begonnen. Waren Sie das, machen Sie in demselben Browser weiter; haben Sie schon gesendet, bezahlen Sie nicht noch einmal. Endet jene Zahlung unbezahlt, können Sie hier bezahlen.',
    earlier: 'Zu der Zahlung, die Sie hier begonnen haben',
  },
};
