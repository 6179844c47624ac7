/** The words of notices, in five languages. */
import type { NoticeKind } from '../domain/notice.ts';
import type { Language } from '../lib/language.ts';

type KindWords = {
  /** The heading where it is one, and where it is several. */
  one: string;
  many: string;
  /** What to do about it; a link follows. */
  act: string;
};

export type NoticeWords = Record<NoticeKind, KindWords> & {
  invoice: string;
  /** Why an invoice that has ended waits for somebody. */
  rest_missing: string;
  expired_blind: string;
  wallet: string;
  /** A wallet that waits; a time follows. */
  waits: string;
  isActive: string;
  isInactive: string;
  /** How many more there are follows. */
  more: string;
  choose: string;
  linked: string;
};

export const noticeWords: Record<Language, NoticeWords> = {
  en: {
    paid: { one: 'An invoice is paid', many: 'Invoices paid', act: 'See them here:' },
    unmatched: {
      one: 'A payment waits for your decision',
      many: 'Payments that wait for your decision',
      act: 'Say here what becomes of it:',
    },
    webhook_exhausted: {
      one: 'A webhook was given up',
      many: 'Webhooks given up',
      act: 'Your shop has not confirmed them in ten requests. See why, and send them again:',
    },
    wallet_changed: {
      one: 'A wallet that takes your payments was changed',
      many: 'Changes of wallets that take your payments',
      act: 'If this was not you or your team, deactivate it and change your password:',
    },
    chain_lag: {
      one: 'A network is behind',
      many: 'Networks that are behind',
      act: 'Payments there are noticed late; no invoice expires because of it. See how it stands:',
    },
    balance_low: {
      one: 'Your balance is low',
      many: 'Balances that are low',
      act: 'Below a limit no new invoices are made. Top it up here:',
    },
    invoice: 'Invoice',
    rest_missing: 'only a part of it was paid in time',
    expired_blind: 'its network could not be read until its end, so a payment may have come unseen',
    wallet: 'Wallet',
    waits: 'new invoices may use it from',
    isActive: 'active',
    isInactive: 'not active',
    more: 'and more:',
    choose: 'Choose what you hear of:',
    linked: 'This chat now gets the notices of your CryptoScan account. To end that, block this bot.',
  },
  ru: {
    paid: { one: 'Счёт оплачен', many: 'Оплаченные счета', act: 'Посмотреть:' },
    unmatched: {
      one: 'Платёж ждёт вашего решения',
      many: 'Платежи ждут вашего решения',
      act: 'Решите, что с ними делать:',
    },
    webhook_exhausted: {
      one: 'Вебхук не доставлен, попытки кончились',
      many: 'Недоставленные вебхуки',
      act: 'Ваш магазин не подтвердил их за десять запросов. Узнайте почему и отправьте снова:',
    },
    wallet_changed: {
      one: 'Изменён кошелёк, принимающий ваши платежи',
      many: 'Изменения кошельков, принимающих ваши платежи',
      act: 'Если это сделали не вы и не ваша команда, отключите его и смените пароль:',
    },
    chain_lag: {
      one: 'Сеть отстаёт',
      many: 'Отстающие сети',
      act: 'Платежи в ней замечаются с опозданием; счета из-за этого не истекают. Состояние:',
    },
    balance_low: {
      one: 'Баланс почти исчерпан',
      many: 'Низкие балансы',
      act: 'Ниже предела новые счета не создаются. Пополнить:',
    },
    invoice: 'Счёт',
    rest_missing: 'в срок оплачена только часть',
    expired_blind: 'его сеть не была прочитана до конца срока, платёж мог прийти незамеченным',
    wallet: 'Кошелёк',
    waits: 'новые счета смогут использовать его с',
    isActive: 'включён',
    isInactive: 'отключён',
    more: 'и ещё:',
    choose: 'Выбрать, о чём сообщать:',
    linked:
      'В этот чат теперь приходят уведомления вашего аккаунта CryptoScan. Чтобы прекратить, заблокируйте бота.',
  },
  de: {
    paid: { one: 'Eine Rechnung ist bezahlt', many: 'Bezahlte Rechnungen', act: 'Hier ansehen:' },
    unmatched: {
      one: 'Eine Zahlung wartet auf Ihre Entscheidung',
      many: 'Zahlungen, die auf Ihre Entscheidung warten',
      act: 'Entscheiden Sie hier, was damit geschieht:',
    },
    webhook_exhausted: {
      one: 'Ein Webhook wurde aufgegeben',
      many: 'Aufgegebene Webhooks',
      act: 'Ihr Shop hat sie in zehn Anfragen nicht bestätigt. Sehen Sie nach, warum, und senden Sie sie erneut:',
    },
    wallet_changed: {
      one: 'Ein Wallet, das Ihre Zahlungen empfängt, wurde geändert',
      many: 'Änderungen an Wallets, die Ihre Zahlungen empfangen',
      act: 'Wenn das weder Sie noch Ihr Team waren, deaktivieren Sie es und ändern Sie Ihr Passwort:',
    },
    chain_lag: {
      one: 'Ein Netzwerk hängt zurück',
      many: 'Netzwerke, die zurückhängen',
      act: 'Zahlungen dort werden spät bemerkt; keine Rechnung läuft deswegen ab. So steht es:',
    },
    balance_low: {
      one: 'Ihr Guthaben ist niedrig',
      many: 'Niedrige Guthaben',
      act: 'Unter einer Grenze werden keine neuen Rechnungen erstellt. Hier aufladen:',
    },
    invoice: 'Rechnung',
    rest_missing: 'nur ein Teil davon wurde rechtzeitig bezahlt',
    expired_blind: 'ihr Netzwerk war bis zum Ablauf nicht lesbar, eine Zahlung kann unbemerkt gekommen sein',
    wallet: 'Wallet',
    waits: 'neue Rechnungen dürfen es nutzen ab',
    isActive: 'aktiv',
    isInactive: 'nicht aktiv',
    more: 'und weitere:',
    choose: 'Wählen Sie, wovon Sie hören:',
    linked:
      'Dieser Chat erhält nun die Benachrichtigungen Ihres CryptoScan-Kontos. Um das zu beenden, blockieren Sie den Bot.',
  },
  es: {
    paid: { one: 'Una factura está pagada', many: 'Facturas pagadas', act: 'Véalas aquí:' },
    unmatched: {
      one: 'Un pago espera su decisión',
      many: 'Pagos que esperan su decisión',
      act: 'Diga aquí qué se hace con ello:',
    },
    webhook_exhausted: {
      one: 'Se abandonó un webhook',
      many: 'Webhooks abandonados',
      act: 'Su tienda no los confirmó en diez peticiones. Vea por qué y envíelos de nuevo:',
    },
    wallet_changed: {
      one: 'Cambió un monedero que recibe sus pagos',
      many: 'Cambios en los monederos que reciben sus pagos',
      act: 'Si no han sido usted ni su equipo, desactívelo y cambie su contraseña:',
    },
    chain_lag: {
      one: 'Una red va con retraso',
      many: 'Redes con retraso',
      act: 'Los pagos en ella se ven tarde; ninguna factura caduca por eso. Vea cómo está:',
    },
    balance_low: {
      one: 'Su saldo es bajo',
      many: 'Saldos bajos',
      act: 'Por debajo de un límite no se crean facturas nuevas. Recárguelo aquí:',
    },
    invoice: 'Factura',
    rest_missing: 'solo se pagó a tiempo una parte',
    expired_blind:
      'su red no se pudo leer hasta el final del plazo; puede haber llegado un pago sin ser visto',
    wallet: 'Monedero',
    waits: 'las facturas nuevas podrán usarlo desde',
    isActive: 'activo',
    isInactive: 'no activo',
    more: 'y más:',
    choose: 'Elija de qué quiere enterarse:',
    linked:
      'Este chat recibe ahora los avisos de su cuenta de CryptoScan. Para terminar con ello, bloquee el bot.',
  },
  fr: {
    paid: { one: 'Une facture est payée', many: 'Factures payées', act: 'À voir ici :' },
    unmatched: {
      one: 'Un paiement attend votre décision',
      many: 'Paiements qui attendent votre décision',
      act: 'Dites ici ce qu’il en advient :',
    },
    webhook_exhausted: {
      one: 'Un webhook a été abandonné',
      many: 'Webhooks abandonnés',
      act: 'Votre boutique ne les a pas confirmés en dix requêtes. Voyez pourquoi, et renvoyez-les :',
    },
    wallet_changed: {
      one: 'Un portefeuille qui reçoit vos paiements a changé',
      many: 'Changements de portefeuilles qui reçoivent vos paiements',
      act: "Si ce n'était ni vous ni votre équipe, désactivez-le et changez votre mot de passe :",
    },
    chain_lag: {
      one: 'Un réseau est en retard',
      many: 'Réseaux en retard',
      act: "Les paiements y sont vus tard ; aucune facture n'expire pour autant. Voyez où il en est :",
    },
    balance_low: {
      one: 'Votre solde est bas',
      many: 'Soldes bas',
      act: "Sous une limite, aucune nouvelle facture n'est créée. Rechargez-le ici :",
    },
    invoice: 'Facture',
    rest_missing: 'seule une partie a été payée à temps',
    expired_blind: 'son réseau n’a pas pu être lu jusqu’à l’échéance ; un paiement a pu arriver sans être vu',
    wallet: 'Portefeuille',
    waits: "les nouvelles factures pourront l'utiliser à partir du",
    isActive: 'actif',
    isInactive: 'inactif',
    more: 'et encore :',
    choose: 'Choisissez ce qui vous est signalé :',
    linked:
      'Cette discussion reçoit désormais les avis de votre compte CryptoScan. Pour y mettre fin, bloquez le bot.',
  },
};
